/**
 * The run record of a task of the worker group: what a file is for the commands, positions in the
 * runtime's offset store are for tasks. A position belongs to a range, not to a task, so any worker goes
 * on where another one stopped.
 * Owned by one MigrationSource. Invariants: what was not given to `take` is not stored; a list is
 * written only after the number of the attempt is stored, so that no two attempts share one.
 * Spec: live-migration 3.4 (rule 7), 3.7.
 */
import type { SourceOffset, SourcePartition, SourcePosition } from '../../flow/index.ts'
import type {
  FreshRun,
  RangeStatus,
  RunJob,
  RunStorage,
  StoredRange,
  StoredRun,
} from '../run-store.ts'
import type { TokenRange } from '../token-range.ts'
import type { TaskPart } from './task-settings.ts'

interface KnownRange {
  readonly partition: SourcePartition
  readonly range: TokenRange
  /** Of the run that first told something of it. */
  info: string
  status: RangeStatus
  token: bigint | undefined
}

const STATUSES = ['NOT_STARTED', 'STARTED', 'PASS', 'FAIL', 'DIFF', 'DIFF_CORRECTED'] as const
const isDone = (status: RangeStatus) => status === 'PASS' || status === 'DIFF_CORRECTED'

export class OffsetRunStorage implements RunStorage {
  readonly #work: 'copy' | 'validation'
  readonly #part: TaskPart
  readonly #backdateUs: bigint
  readonly #stored = new Map<string, SourceOffset>()
  readonly #runs: (readonly KnownRange[])[] = []
  readonly #attempt: number
  readonly #secured = Promise.withResolvers<void>()
  #pending: SourcePosition[] = []

  constructor(
    of: { readonly work: 'copy' | 'validation'; readonly part: TaskPart },
    stored: readonly SourcePosition[],
    backdateUs: bigint,
  ) {
    this.#work = of.work
    this.#part = of.part
    this.#backdateUs = backdateUs
    let last = 0
    for (const { partition, offset } of stored) {
      if (partition['work'] !== of.work) continue
      const attempt = Number(offset['attempt'])
      if ('task' in partition) last = Math.max(last, Number.isSafeInteger(attempt) ? attempt : 0)
      else this.#stored.set(keyOf(partition), offset)
    }
    this.#attempt = last + 1
    this.#pending.push({ partition: this.#attemptPartition, offset: { attempt: this.#attempt } })
  }

  begin(job: RunJob, fresh: Pick<FreshRun, 'plan' | 'info'>): StoredRun {
    const { index, count } = this.#part
    const own = fresh.plan().filter((_range, at) => at % count === index)
    const known = own.map(range => this.#known(job.table, range))
    const runId = this.#runs.push(known) - 1
    const ranges = known.flatMap(({ range, token, status }, id): StoredRange[] =>
      isDone(status) ? [] : [{ id, range, checkpoint: token, status }],
    )
    const isResumed = known.some(one => one.status !== 'NOT_STARTED')
    const attempt = this.#attempt
    const backdateUs = this.#backdateUs
    const info = oldest(known.map(one => one.info)) ?? fresh.info
    for (const range of known) range.info = info
    return { runId, attempt, isResumed, backdateUs, info, ranges, rangesTotal: own.length }
  }

  secured(): Promise<void> {
    return this.#secured.promise
  }

  mark(runId: number, id: number, status: RangeStatus): void {
    const range = this.#runs[runId]![id]!
    if (isDone(range.status)) return
    range.status = status
    // That it was begun is told by its first checkpoint.
    if (status !== 'STARTED') this.#tell(range)
  }

  checkpoint(runId: number, id: number, token: bigint): void {
    const range = this.#runs[runId]![id]!
    range.token = token
    this.#tell(range)
  }

  finish(): void {
    // What is left is in the positions.
  }

  /** Positions reached since the last call; of a range the last one. */
  take(): readonly SourcePosition[] {
    const taken = this.#pending
    this.#pending = []
    return taken
  }

  /** Ranges that are not done, of the tables begun so far. */
  get open(): number {
    return this.#runs.flat().filter(one => !isDone(one.status)).length
  }

  /** The offset store has these. */
  stored(positions: readonly SourcePosition[]): void {
    const own = keyOf(this.#attemptPartition)
    const isOwn = ({ partition, offset }: SourcePosition) =>
      keyOf(partition) === own && offset['attempt'] === this.#attempt
    if (positions.some(isOwn)) this.#secured.resolve()
  }

  get #attemptPartition(): SourcePartition {
    return { work: this.#work, task: this.#part.index }
  }

  #known(table: string, range: TokenRange): KnownRange {
    const partition = {
      ...{ work: this.#work, table },
      ...{ start: String(range.start), end: String(range.end) },
    }
    const offset = this.#stored.get(keyOf(partition))
    const status = STATUSES.find(one => one === offset?.['status']) ?? 'NOT_STARTED'
    const text = String(offset?.['token'] ?? '')
    const token = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined
    return { partition, range, info: String(offset?.['began'] ?? ''), status, token }
  }

  #tell({ partition, status, token, info }: KnownRange): void {
    const offset = {
      status,
      ...(token === undefined ? {} : { token: String(token) }),
      ...(info === '' ? {} : { began: info }),
    }
    this.#pending.push({ partition, offset })
  }
}

/** Times of clusters, the source's first. */
function oldest(infos: readonly string[]): string | undefined {
  const told = infos.filter(info => info !== '')
  return told.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))[0]
}

function keyOf(partition: SourcePartition): string {
  return JSON.stringify(Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1)))
}
