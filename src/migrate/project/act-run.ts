/**
 * One copy, validation or repair that runs in this process: its tables one after the other, each as a
 * run of its own, so that rows, rejects and problems are known per table.
 * Made by the act desk. Invariants: it ends its pages under way when it is stopped; a table that fails
 * does not keep the others from being done; what it tells is never ahead of what is stored.
 * Spec: live-migration 3.7, 4.4, 5 (phase 2).
 */
import type { MigrationAct, MigrationActTable } from '../../api-v1-migrations.ts'
import { messageOf } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import { runCopy } from '../copy-run.ts'
import type { CopyProgress } from '../progress.ts'
import { RunStore } from '../run-store.ts'
import { type ClusterPair, COPY_DEFAULTS } from '../settings.ts'
import { runValidation } from '../validate-run.ts'
import { VALIDATE_DEFAULTS } from '../validate-settings.ts'
import { counted } from './counted.ts'
import { DIFFERENCES_MAX, type DifferenceList, kindOf } from './difference-list.ts'
import type { Project } from './project-store.ts'
import { ReasonTally } from './reason-tally.ts'

export interface ActTask {
  readonly table: string
  /** From the start, whatever was done before. */
  readonly isRestart: boolean
  /** Of a validation or a repair. */
  readonly hasTimes: boolean
  /** Of a repair: texts of keys. */
  readonly keys: ReadonlySet<string> | undefined
}

export interface ActParts {
  readonly project: Project
  readonly state: string
  readonly logger: Logger
  readonly openClusters: () => Promise<ClusterPair>
  readonly tasks: readonly ActTask[]
  readonly differences: DifferenceList
  readonly writeRate: number | undefined
  readonly repairTime: 'source' | 'now'
  readonly onChange: (act: MigrationAct) => void
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type Table = Writable<MigrationActTable>
type Ending = Pick<MigrationAct, 'state' | 'endedAt' | 'text'>
type TableEnd = 'passed' | 'differs' | 'failed' | 'stopped'

export class ActRun {
  readonly #parts: ActParts
  readonly #stop = new AbortController()
  readonly #tables: Table[]
  readonly #kinds: Record<string, number> = {}
  readonly #head: Pick<MigrationAct, 'id' | 'kind' | 'by' | 'startedAt'>
  #ended: Ending | undefined
  #rows = 0
  #problem = ''

  constructor(head: Pick<MigrationAct, 'id' | 'kind' | 'by'>, parts: ActParts) {
    this.#parts = parts
    this.#head = { ...head, startedAt: new Date().toISOString() }
    this.#tables = parts.tasks.map(({ table }) => ({
      ...{ table, state: 'waiting', share: 0, rows: 0, rowsPerSecond: 0 },
      ...{ rejected: 0, leftMs: null, problem: null },
    }))
  }

  get act(): MigrationAct {
    const running = { state: 'running', endedAt: null, text: '' } as const
    return {
      ...this.#head,
      ...(this.#ended ?? running),
      tables: this.#tables.map(one => ({ ...one })),
      kinds: { ...this.#kinds },
    }
  }

  /** Of the tables that are worked on now. */
  get rowsPerSecond(): number {
    return this.#tables.reduce((sum, one) => sum + one.rowsPerSecond, 0)
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { tasks, openClusters, onChange } = this.#parts
    try {
      const clusters = await openClusters()
      for (const [index, task] of tasks.entries()) {
        if (this.#stop.signal.aborted) break
        await this.#runTable(clusters, task, this.#tables[index]!)
        onChange(this.act)
      }
    } catch (error) {
      this.#problem = messageOf(error)
    }
    for (const one of this.#tables) if (one.state === 'waiting') one.state = 'stopped'
    this.#ended = this.#ending()
    onChange(this.act)
  }

  async #runTable(clusters: ClusterPair, task: ActTask, table: Table): Promise<void> {
    const store = new RunStore(this.#parts.state)
    table.state = 'running'
    try {
      const isCopy = this.#head.kind === 'copy'
      const work = isCopy ? this.#copy.bind(this) : this.#validate.bind(this)
      table.state = await work({ clusters, task, table, store })
    } catch (error) {
      table.state = this.#stop.signal.aborted ? 'stopped' : 'failed'
      table.problem = table.state === 'failed' ? messageOf(error) : null
    } finally {
      store.close()
      Object.assign(table, { rowsPerSecond: 0, leftMs: null })
    }
  }

  async #copy({ clusters, task, table, store }: Work): Promise<TableEnd> {
    const { project, logger, writeRate } = this.#parts
    const reasons = new ReasonTally()
    const { exitCode, read, rejected } = await runCopy({
      ...{ clusters, store, logger, isRestart: task.isRestart, signal: this.#stop.signal },
      settings: {
        ...COPY_DEFAULTS,
        ...selectionOf(project, task),
        backdateUs: BigInt(Date.parse(project.dualSince ?? '') || Date.now()) * 1000n,
        dualSinceUs: project.dualSince === null ? undefined : usOf(project.dualSince),
        writeRate,
      },
      // Row data stays out: only the reason is told.
      rejects: {
        write: line => reasons.add(String(line['error'] ?? '')),
      },
      onProgress: progress => this.#progress(table, progress),
    })
    Object.assign(table, { rows: read, rejected })
    table.problem = reasons.text ?? table.problem
    return endOf(exitCode)
  }

  async #validate({ clusters, task, table, store }: Work): Promise<TableEnd> {
    const { project, logger, differences, repairTime } = this.#parts
    const isRepair = task.keys !== undefined
    const { exitCode, counts } = await runValidation({
      ...{ clusters, store, logger, isRestart: task.isRestart, signal: this.#stop.signal },
      settings: {
        ...VALIDATE_DEFAULTS,
        ...selectionOf(project, task),
        compareTimestamps: task.hasTimes,
        maxFailures: DIFFERENCES_MAX,
        ...{ repairMissing: isRepair, repairMismatch: isRepair, repairKeys: task.keys },
        // A counter that is gone may have been deleted: adding it again is asked for by the command.
        repairMissingCounters: false,
        repairTimeUs: isRepair && repairTime === 'now' ? BigInt(Date.now()) * 1000n : undefined,
      },
      onFailure: failure => {
        differences.add(failure)
        const kind = failure.isRepaired ? 'repaired' : kindOf(failure)
        this.#kinds[kind] = (this.#kinds[kind] ?? 0) + 1
      },
      onProgress: progress => this.#progress(table, progress),
    })
    table.rows = counts.read
    this.#rows += counts.read
    differences.compared(this.#rows)
    const found = counts.mismatch + counts.missing + counts.extra
    if (found >= DIFFERENCES_MAX) differences.cut()
    // It stopped because there are more differences than are kept.
    return exitCode === 2 ? 'differs' : endOf(exitCode)
  }

  #progress(table: Table, { share, read, rejected, rowsPerSecond, leftMs }: CopyProgress): void {
    Object.assign(table, { share, rows: read, rejected, rowsPerSecond, leftMs: leftMs ?? null })
  }

  #ending(): Ending {
    const endedAt = new Date().toISOString()
    const having = (state: string) => this.#tables.filter(one => one.state === state)
    const rows = this.#tables.reduce((sum, one) => sum + one.rows, 0)
    const tables = this.#tables.map(one => one.table).join(', ')
    const done = `${counted(rows, 'row')} of ${tables}`
    if (this.#problem !== '') return { state: 'failed', endedAt, text: this.#problem }
    if (this.#stop.signal.aborted) {
      return { state: 'stopped', endedAt, text: `Stopped after ${done}. It goes on from there.` }
    }
    const failed = having('failed')
    if (failed.length > 0) {
      const text = failed.map(one => `${one.table}: ${one.problem ?? 'ranges failed'}`).join('; ')
      return { state: 'failed', endedAt, text }
    }
    if (having('differs').length === 0) return { state: 'passed', endedAt, text: done }
    const kinds = Object.entries(this.#kinds).map(([kind, count]) => `${count} ${kind}`)
    const rejected = this.#tables.reduce((sum, one) => sum + one.rejected, 0)
    const what = this.#head.kind === 'copy' ? `${rejected} rejected` : kinds.join(', ')
    return { state: 'differs', endedAt, text: `${done}; ${what}` }
  }
}

interface Work {
  readonly clusters: ClusterPair
  readonly task: ActTask
  readonly table: Table
  readonly store: RunStore
}

function selectionOf({ keyspace, targetKeyspace }: Project, { table }: ActTask) {
  return { keyspace, targetKeyspace, tables: [table] }
}

function usOf(iso: string): bigint {
  return BigInt(Date.parse(iso)) * 1000n
}

/** Of the exit codes of the commands. */
function endOf(exitCode: number): TableEnd {
  const ends: readonly TableEnd[] = ['passed', 'differs', 'failed', 'failed', 'stopped']
  return ends[exitCode] ?? 'failed'
}
