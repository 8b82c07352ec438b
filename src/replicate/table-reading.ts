/**
 * Tasks that read one table of the source, together with those whose rows stand inside it: pages are
 * read once and written to every table of the group. Called by run-job.ts, one group at a time.
 * Invariant: a cursor is stored after the rows before it were acknowledged, and stays where the run
 * began once more rows were refused than the job allows, so that they are read again.
 * Spec: backlog-replication 1.8, 2.8.
 */
import type { BacklogClient } from '../backlog/index.ts'
import {
  type BacklogCursor,
  BacklogReader,
  type CatalogueTable,
  type SourcePage,
} from '../source/index.ts'
import type { ProjectedRow } from './projector.ts'
import { readAhead } from './read-ahead.ts'
import type { ReadyTask, RunScope } from './run-scope.ts'
import { pagesOf } from './source-pages.ts'
import { commonCursor, rootOf, rowsOf } from './table-family.ts'
import type { OutRow } from './table-writer.ts'
import { isWhole, windowOf } from './task-options.ts'

export class TableReading {
  readonly #scope: RunScope

  constructor(scope: RunScope) {
    this.#scope = scope
  }

  /** True: the reading was whole and faultless, so that what it has not is gone. */
  async read(group: readonly ReadyTask[]): Promise<boolean> {
    const { source } = this.#scope.of
    if (source.kind === 'cassandra') return await this.#scan(group[0]!)
    const root = rootOf(group[0]!.setup.tables[0]!)
    const { mode, store } = this.#scope.of
    const starts = group.map(one => store.get<BacklogCursor>('cursor', one.setup.task.id))
    const only = this.#onlyOf(group)
    const isFull =
      mode === 'full' ||
      mode === 'reconcile' ||
      (mode === 'retry' ? only === undefined : group.some(one => isWhole(one.setup.task.mode)))
    // What a load that was cut off had read is tried again too.
    const isAnew =
      (mode === 'retry' && only === undefined) || group.some(one => one.writer.isWaiting)
    const cursor = commonCursor(starts, { isAnew, isFull, isConsent: this.#scope.of.acceptDeletes })
    const reader = this.#reader(root, { group, cursor, isFull, client: source.client, only })
    for await (const page of readAhead(reader.pages())) {
      for (const one of group) {
        one.live.activity = page.at
        await this.#applyPage(one, page, root)
      }
      this.#keepCursors(group, starts, page.cursor)
      this.#scope.of.run.touch()
    }
    return reader.isComplete
  }

  /** Of a retry: what is read for all of them; undefined: everything. */
  #onlyOf(group: readonly ReadyTask[]): string[] | undefined {
    const { retry } = this.#scope.of
    if (retry === undefined) return undefined
    const scopes = group.map(one => retry.get(one.setup.task.id))
    const all = new Set(scopes.flatMap(one => one ?? []))
    // A query that was full when they were rejected knew no places of them.
    return scopes.includes(undefined) || all.has('') ? undefined : [...all]
  }

  #reader(
    root: CatalogueTable,
    of: {
      group: readonly ReadyTask[]
      cursor: BacklogCursor
      isFull: boolean
      client: BacklogClient
      only: readonly string[] | undefined
    },
  ): BacklogReader {
    const { run } = this.#scope.of
    return new BacklogReader(root, {
      ...{ client: of.client, cursor: of.cursor, isFull: of.isFull, nowMs: run.startedMs },
      ...(of.only === undefined ? {} : { only: of.only }),
      windowMs: windowOf(of.group.map(one => one.setup.task)),
      wanted: new Set(of.group.map(one => one.setup.tables[0]!.name)),
      filter: of.group[0]?.setup.query?.filters.get(of.group[0].setup.tables[0]!.name),
      caller: this.#scope.caller(of.group.map(one => one.live)),
      warn: text => {
        for (const { live } of of.group) run.warn(live, text)
      },
      onTotal: rows => {
        for (const { live, setup } of of.group)
          if (setup.tables[0]!.name === root.name) live.rowsTotal = rows
      },
    })
  }

  async #applyPage(one: ReadyTask, page: SourcePage, root: CatalogueTable): Promise<void> {
    const { mode } = this.#scope.of
    const sourceRows = rowsOf(one.setup.tables[0]!, page, root)
    const projected = await one.projector.project(sourceRows.map(row => row.values))
    const isEarly = one.isEarly
    const rows: OutRow[] = []
    const early: OutRow[] = []
    for (const { values, from } of projected) {
      const { scope, values: source } = sourceRows[from]!
      if (isEarly?.(source) === true) early.push({ values, scope })
      else rows.push({ values, scope })
    }
    const written = await one.writer.write(rows)
    const kept = one.writer.keep(early)
    const keys = { has: (key: string) => written.has(key) || kept.has(key) }
    if (mode === 'dry-run') return
    const gone = [
      ...one.writer.missingOfScopes(page.scopesDone, keys),
      ...one.writer.missingOfScopes(page.scopesGone, NOTHING),
    ]
    const isChild = one.setup.tables[0]!.name !== root.name || PARENTS.has(root.iteration)
    await one.writer.delete(gone, isChild)
    one.writer.keepScopes(page.scopesSame)
  }

  /** Tasks that read together go on together. */
  #keepCursors(
    group: readonly ReadyTask[],
    starts: readonly (BacklogCursor | undefined)[],
    cursor: BacklogCursor,
  ): void {
    const { store, mode } = this.#scope.of
    // A retry reads here and there, and passes nothing.
    if (mode === 'dry-run' || mode === 'retry') return
    const isLost = group.some(one => this.#scope.isRefused(one))
    store.transaction(() => {
      for (const [index, { setup }] of group.entries()) {
        const kept = isLost ? starts[index] : cursor
        if (kept === undefined) store.delete('cursor', setup.task.id)
        else store.put('cursor', setup.task.id, kept)
      }
    })
  }

  /** A table of Cassandra, whole. */
  async #scan(one: ReadyTask): Promise<boolean> {
    for await (const page of readAhead(pagesOf(this.#scope, one.setup.tables[0]!, one.live))) {
      const rows = await one.projector.project(page)
      const isEarly = ({ from }: ProjectedRow) => one.isEarly?.(page[from]!) === true
      const toRow = ({ values }: ProjectedRow): OutRow => ({ values, scope: '' })
      if (one.isEarly !== undefined) one.writer.keep(rows.filter(isEarly).map(toRow))
      const taken = one.isEarly === undefined ? rows : rows.filter(row => !isEarly(row))
      await one.writer.writeBehind(taken.map(toRow))
      this.#scope.of.run.touch()
    }
    await one.writer.flush()
    // A reading that was stopped ends as one that is whole.
    this.#scope.stopIfAsked()
    return true
  }
}

/** Their rows go with them. */
const PARENTS: ReadonlySet<string> = new Set(['issue', 'pull-request', 'wiki'])
const NOTHING = { has: () => false }
