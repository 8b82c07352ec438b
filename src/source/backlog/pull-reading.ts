/**
 * Reads pull requests, or what belongs to each of them. Backlog has no filter by date and no order for
 * them, so a run reads the open ones, those above the highest known number and those that activities
 * name; once a week, and in repositories that are new, it reads all.
 * Called by the reader.
 * Invariants: missing rows are deletes only after a reading of all; a repository counts as known once
 * all of its pull requests were handed out.
 * Spec: backlog-replication 1.8 (PR-SCAN, CHILD-OF-CHANGED).
 */
import { idPages, type Json, offsetPages } from '../../backlog/index.ts'
import { OVERLAP_MS } from './issue-reading.ts'
import { ofProjects } from './list-reading.ts'
import {
  fill,
  type Loop,
  type SourcePage,
  type SourceRow,
  type TableReading,
} from './table-reading.ts'

const DEEP_MS = 7 * 86_400_000
const TYPES = [18, 19, 20, 21]
const LIST = 'projects/{project}/git/repositories/{repository}/pullRequests'

export class PullReading {
  readonly #reading: TableReading
  readonly #isDeep: boolean
  /** By `repository/number`. */
  readonly #named = new Set<string>()
  #activityId: number | undefined

  constructor(reading: TableReading) {
    this.#reading = reading
    const { isFull, only, cursor, nowMs } = reading.of
    this.#isDeep = isFull || only !== undefined || nowMs - (cursor.deepMs ?? 0) > DEEP_MS
  }

  async *pages(): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    const { cursor, nowMs } = reading.of
    await this.#readActivities()
    const isFirst = cursor.deepMs === undefined
    // A first load that is cut off goes on with the repositories that are left.
    const start = isFirst ? { deepMs: nowMs, watermarkMs: nowMs } : {}
    const activityId = isFirst ? this.#activityId : cursor.activityId
    reading.cursor = {
      ...reading.cursor,
      ...start,
      ...(activityId === undefined ? {} : { activityId }),
    }
    yield* ofProjects(reading, project => this.#ofProject(project))
    reading.cursor = {
      ...reading.cursor,
      ...(this.#activityId === undefined ? {} : { activityId: this.#activityId }),
      ...{ watermarkMs: nowMs, ...(this.#isDeep ? { deepMs: nowMs } : {}) },
    }
    yield reading.page([])
    reading.isComplete = this.#isDeep && !reading.isFaulty
  }

  async #readActivities(): Promise<void> {
    const reading = this.#reading
    const after = reading.of.cursor.activityId
    this.#activityId = after ?? (await reading.newestActivity())
    if (after === undefined) return
    const list = reading.list('space/activities', { activityTypeId: TYPES })
    for await (const page of idPages(list, after)) {
      for (const { id, content } of page as unknown as Activity[]) {
        this.#activityId = Math.max(this.#activityId, id)
        this.#named.add(`${content?.repository?.id}/${content?.number}`)
      }
    }
  }

  async *#ofProject(project: number): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    const repositories = await reading.get<Json[]>(`projects/${project}/git/repositories`)
    for (const { id } of repositories as { id?: number }[]) {
      const repository = Number(id)
      const loop = { project, repository }
      const isAnew = this.#isDeep || reading.of.cursor.leftOut?.includes(project) === true
      const known = isAnew ? undefined : reading.of.cursor.numbers?.[repository]
      let highest = known ?? 0
      const pages = known === undefined ? this.#all(loop) : this.#changed(loop, known)
      for await (const page of pages) {
        highest = Math.max(highest, ...page.map(one => Number(one['number'])))
        yield* this.#handOut(page, loop, known)
      }
      const numbers = { ...reading.cursor.numbers, [repository]: highest }
      reading.cursor = { ...reading.cursor, numbers }
    }
  }

  #all(loop: Loop): AsyncGenerator<Json[]> {
    return offsetPages(this.#reading.list(fill(LIST, loop), {}))
  }

  /** Open ones, new ones, and those named by activities that are neither. */
  async *#changed(loop: Loop, known: number): AsyncGenerator<Json[]> {
    const reading = this.#reading
    const path = fill(LIST, loop)
    const seen = new Set<number>()
    const fresh = (page: readonly Json[]) =>
      page.filter(({ number }: { number?: unknown }) => {
        const isNew = !seen.has(Number(number))
        seen.add(Number(number))
        return isNew
      })
    for await (const page of offsetPages(reading.list(path, { statusId: [1] }))) yield fresh(page)
    for await (const page of this.#all(loop)) {
      const numbers = page.map(one => Number(one['number']))
      yield fresh(page.filter(one => Number(one['number']) > known))
      const isFalling = numbers.every((one, at) => at === 0 || one < numbers[at - 1]!)
      if (isFalling && numbers.at(-1)! <= known) break
    }
    for (const name of this.#named) {
      const [repository, number] = name.split('/').map(Number)
      if (repository !== loop['repository'] || number === undefined || seen.has(number)) continue
      try {
        yield [await reading.get<Json>(`${path}/${number}`)]
      } catch (error) {
        if (!reading.isGone(error)) throw error
      }
    }
  }

  async *#handOut(
    page: readonly Json[],
    loop: Loop,
    known: number | undefined,
  ): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    if (reading.table.iteration === 'repository') {
      yield reading.page(await reading.rows(page, loop))
      return
    }
    for (const pull of page)
      if (known === undefined || this.#isTouched(pull, loop, known))
        yield* this.#childrenOf(pull, loop)
  }

  #isTouched(pull: Json, loop: Loop, known: number): boolean {
    const number = Number(pull['number'])
    const floor = (this.#reading.of.cursor.watermarkMs ?? 0) - OVERLAP_MS
    const changed = Date.parse(String(pull['updated'] ?? pull['created']))
    return number > known || changed >= floor || this.#named.has(`${loop['repository']}/${number}`)
  }

  async *#childrenOf(pull: Json, loop: Loop): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    const number = Number(pull['number'])
    const scope = String(pull['id'])
    const own = { ...loop, pull: Number(pull['id']), number }
    const rows: SourceRow[] = []
    const at = `comments of pull request ${number}`
    try {
      for await (const page of reading.payloads(own))
        rows.push(...page.map(payload => reading.row(payload, own, scope)))
      yield reading.page(rows, { scopesDone: [scope], at })
    } catch (error) {
      if (!reading.isGone(error)) throw error
      yield reading.page([], { scopesGone: [scope], at })
    }
  }
}

interface Activity {
  readonly id: number
  readonly content?: { readonly number?: number; readonly repository?: { readonly id?: number } }
}
