/**
 * Keeps the history within its bounds: runs with their logs and rejected rows, notices, alerts and the
 * audit trail go when they are too old, and the oldest runs when all of them take too much room.
 * Part of the replicator; looks once an hour, and at once when a job was deleted.
 * Retention comes from the start command, else from the settings in the page.
 * Invariants: small steps, each kept before the next, so that neither the server nor a topic is held up;
 * the newest runs of a job stay whatever their age.
 * Spec: backlog-replication 2.13; docs/adr/0033-replication-in-a-worker-group.md.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { RetentionInfo, RetentionSpec } from '../api-v1.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import { archiveRuns, checkArchive } from './history-archive.ts'
import { NUMBER, pick, TEXT } from './named-fields.ts'
import type { Store } from './store.ts'
import { fieldError } from './task-target.ts'

export const RETENTION_DEFAULT: RetentionSpec = { days: 90, gigabytes: 1, archive: '' }

const BOUNDS = { days: [1, 36_500], gigabytes: [0.01, 10_000] } as const
const FIELDS = { days: NUMBER, gigabytes: NUMBER, archive: TEXT }
const GIGABYTE = 1_000_000_000
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const SOON_MS = 5_000
/** Of a job that is not run any more these are all that is known of it. */
const KEPT_PER_JOB = 20
const STEP_RUNS = 50
/** A history that is made faster than it can go does not hold the server up. */
const STEPS_MAX = 10_000
const AGED = ['notice', 'audit', 'alert', 'delivery'] as const

export class HistoryKeeper {
  readonly #store: Store
  readonly #logger: Logger
  /** Set by an option of the start command. */
  readonly #fixed: Partial<RetentionSpec>
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(of: {
    readonly store: Store
    readonly logger: Logger
    readonly fixed?: Partial<RetentionSpec>
  }) {
    this.#store = of.store
    this.#logger = of.logger
    this.#fixed = of.fixed ?? {}
  }

  retention(): RetentionInfo {
    const fixed = Object.keys(this.#fixed) as (keyof RetentionSpec)[]
    return { ...this.#current(), fixed, bytes: this.#store.history.bytes() }
  }

  /** Throws a field error, and then keeps nothing of it. */
  async set(given: RetentionSpec): Promise<RetentionInfo> {
    const change = pick(given, FIELDS)
    for (const [field, [min, max]] of Object.entries(BOUNDS)) {
      const value = change[field as keyof typeof BOUNDS]
      if (value === undefined || (value >= min && value <= max)) continue
      throw fieldError(field, `${field}: expected ${min} to ${max}, found ${value}`)
    }
    const now = this.#current()
    for (const field of Object.keys(this.#fixed) as (keyof RetentionSpec)[]) {
      if (change[field] === undefined || change[field] === now[field]) continue
      throw fieldError(
        field,
        `${field}: an option of the start command says ${now[field]}; change it there`,
      )
    }
    await checkArchive(change.archive ?? '')
    this.#store.put('settings', 'history', { ...this.#stored(), ...change })
    this.soon()
    return this.retention()
  }

  #stored(): Partial<RetentionSpec> {
    return this.#store.get<Partial<RetentionSpec>>('settings', 'history') ?? {}
  }

  #current(): RetentionSpec {
    return { ...RETENTION_DEFAULT, ...this.#stored(), ...this.#fixed }
  }

  start(): void {
    this.#timer = setInterval(() => this.soon(), HOUR_MS)
    this.#timer.unref()
    setTimeout(() => this.soon(), SOON_MS).unref()
  }

  /** Resolves when no step is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await this.#work
  }

  /** One at a time. */
  soon(): void {
    this.#work = this.#work.then(async () => {
      try {
        await this.prune()
      } catch (error) {
        this.#logger.warnLimited('history', `the history was not pruned: ${messageOf(error)}`)
      }
    })
  }

  /** Removes what is too old or too much; returns the number of runs that went. */
  async prune(nowMs: number = Date.now()): Promise<number> {
    if (this.#isClosed) return 0
    const beforeMs = nowMs - this.#current().days * DAY_MS
    this.#store.pruneEvents(AGED, beforeMs)
    const aged = await this.#remove(beforeMs, () => true)
    return aged + (await this.#shrink())
  }

  async #shrink(): Promise<number> {
    const { history } = this.#store
    const bytesMax = this.#current().gigabytes * GIGABYTE
    if (history.fileBytes() <= bytesMax) return 0
    let over = history.bytes() - bytesMax
    const count = await this.#remove(Number.MAX_SAFE_INTEGER, freed => {
      over -= freed
      return over > 0
    })
    if (over > 0)
      this.#logger.warnLimited(
        'room',
        `the history is ${over} bytes over its limit: only the newest runs of each job are left`,
      )
    return count
  }

  /** The oldest first, until there are no more or `goesOn` says so; it is asked before the first with 0. */
  async #remove(beforeMs: number, goesOn: (freed: number) => boolean): Promise<number> {
    const { history } = this.#store
    const { archive } = this.#current()
    let count = 0
    let freed = 0
    for (let step = 0; step < STEPS_MAX && goesOn(freed); step++) {
      const old = history.old({ beforeMs, keptPerJob: KEPT_PER_JOB, limit: STEP_RUNS })
      const ids = old.slice(0, STEP_RUNS).map(one => one.id)
      if (ids.length === 0 || this.#isClosed) break
      freed = 0
      if (archive !== '') await archiveRuns(this.#store, archive, ids)
      for (const id of ids) {
        freed += this.#store.transaction(() => history.remove([id]))
        // One may have thousands of lines.
        await breathe()
      }
      count += ids.length
      await this.#store.settled()
    }
    return count
  }
}
