/**
 * The one writer of the log of configurations, on the worker that leads the group. Every change is
 * checked against the whole log, written in one transaction, and read back before it is answered.
 * Made by the distributed worker when it becomes leader, thrown away when it is not any more.
 * Invariants: changes come one after the other; a leader that was deposed writes nothing, because
 * its successor fenced it; a failed change is not in the log.
 * Spec: connect-rest 2.2, 4, 17, 18.3 (6).
 */
import { isDeepStrictEqual } from 'node:util'
import { isScamanderError, ScamanderError } from '../../base/scamander-error.ts'
import { KAFKA_ERRORS, type LogEntry, type TransactionalWriter } from '../../kafka/index.ts'
import type { TargetState } from '../connector.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { elsewhere } from '../herder.ts'
import type { ClusterLog } from './cluster-log.ts'
import { type ConfigRecord, encodeConfigRecord, type Settings } from './config-records.ts'
import type { KnownConnector } from './config-state.ts'
import { CLUSTER_ERRORS } from './errors.ts'
import { newSessionKey } from './session-key.ts'

export interface LeaderParts {
  readonly log: ClusterLog
  readonly writer: TransactionalWriter
  readonly readTimeoutMs: number
  readonly sessionKey: {
    readonly algorithm: string
    readonly bits: number | undefined
    readonly ttlMs: number
  }
  /** Tasks that follow from the settings alone; undefined: the connector's owner finds them. */
  readonly divideAtOnce: (settings: Settings) => readonly Settings[] | undefined
  /** Ends the transactions of earlier tasks of a connector, and fences them. */
  readonly fenceTasks: (name: string, count: number) => Promise<void>
  /** Another leader writes now. */
  readonly deposed: () => void
}

export class Leader {
  readonly #parts: LeaderParts
  readonly #fences = new Map<string, Promise<void>>()
  #last: Promise<unknown> = Promise.resolve()
  #isOpen = false

  constructor(parts: LeaderParts) {
    this.#parts = parts
  }

  /** Everybody before is fenced, and everything they wrote is known. */
  open(): Promise<void> {
    return this.#exclusive(async () => {
      await this.#parts.writer.open()
      await this.#parts.log.catchUp(this.#parts.readTimeoutMs)
      this.#isOpen = true
      await this.#renewKey()
    })
  }

  /** To be called now and then. */
  renewSessionKey(): Promise<void> {
    return this.#exclusive(() => this.#renewKey())
  }

  create(name: string, settings: Settings, target: TargetState): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#parts.log.config.connector(name) !== undefined) {
        throw new ScamanderError(CONNECT_ERRORS.EXISTS, `Connector ${name} already exists`)
      }
      // The wish stands before the connector, so that nobody starts it against the wish.
      const wish: ConfigRecord = { type: 'target', name, target }
      const tasks = target === 'STOPPED' ? [] : this.#tasksAtOnce(name, settings)
      await this.#write([wish, { type: 'connector', name, settings }, ...tasks])
    })
  }

  /** `change` gets what is stored now; undefined: there is none. */
  put(
    name: string,
    change: (stored: Settings | undefined) => Settings,
  ): Promise<{ readonly isNew: boolean }> {
    return this.#exclusive(async () => {
      const known = this.#parts.log.config.connector(name)
      const settings = change(known?.settings)
      const wishes: ConfigRecord[] =
        known === undefined ? [{ type: 'target', name, target: 'STARTED' }] : []
      const tasks = known?.target === 'STOPPED' ? [] : this.#tasksAtOnce(name, settings)
      await this.#write([...wishes, { type: 'connector', name, settings }, ...tasks])
      return { isNew: known === undefined }
    })
  }

  delete(name: string): Promise<void> {
    return this.#exclusive(async () => {
      const known = this.#get(name, `Connector ${name} not found`)
      await this.#write([
        { type: 'connector', name, settings: undefined },
        { type: 'target', name, target: undefined },
        ...this.#noTasks(known),
      ])
      this.#forgetStatus(name)
    })
  }

  setTarget(name: string, target: TargetState): Promise<void> {
    return this.#exclusive(async () => {
      const known = this.#get(name, `Unknown connector ${name}`)
      if (known.target === target) return
      const tasks: ConfigRecord[] =
        target === 'STOPPED' ? [...this.#noTasks(known), { type: 'commit', name, tasks: 0 }] : []
      await this.#write([...tasks, { type: 'target', name, target }])
    })
  }

  /** What the connector's owner found. */
  putTasks(name: string, tasks: readonly Settings[]): Promise<void> {
    return this.#exclusive(async () => {
      const known = this.#get(name, `Connector ${name} not found`)
      if (known.target === 'STOPPED' || hasTasks(known, tasks)) return
      await this.#write(taskRecords(name, tasks, known.tasks.length))
    })
  }

  /**
   * Before tasks of a source begin that write in transactions: those before them write no more. Other
   * changes do not wait for it, because a coordinator of transactions may take its time.
   */
  fence(name: string): Promise<void> {
    const present = this.#fences.get(name)
    // One at a time: a second would fence what began after the first.
    if (present !== undefined) return present
    const fencing = this.#fence(name).finally(() => this.#fences.delete(name))
    this.#fences.set(name, fencing)
    return fencing
  }

  async #fence(name: string): Promise<void> {
    const message = `Connector ${name} not found`
    const known = await this.#exclusive(async () => this.#get(name, message))
    if (!known.isFencingDue) return
    const before = known.fencedTasks ?? 0
    // A single task takes the place of a single one by itself.
    if (before > 1 || known.tasks.length > 1) await this.#parts.fenceTasks(name, before)
    await this.#exclusive(async () => {
      const { isFencingDue, fencedTasks, tasks } = this.#get(name, message)
      if (!isFencingDue || tasks.length === 0) return
      // Tasks that begin by this record are those that are configured now: none began meanwhile.
      if (fencedTasks !== known.fencedTasks || tasks.length !== known.tasks.length) {
        const changed = `the tasks of ${name} changed while earlier ones were fenced`
        throw new ScamanderError(CLUSTER_ERRORS.NOT_SYNCHRONISED, changed)
      }
      await this.#write([{ type: 'fencing', name, taskCount: tasks.length }])
    })
  }

  restart(name: string, options: { includeTasks: boolean; onlyFailed: boolean }): Promise<void> {
    return this.#exclusive(() => this.#write([{ type: 'restart', name, ...options }]))
  }

  setLogLevel(namespace: string, level: string): Promise<void> {
    return this.#exclusive(() => this.#write([{ type: 'logger', namespace, level }]))
  }

  /** Runs with no other change under way. */
  alone<T>(work: (known: (name: string) => KnownConnector) => Promise<T>): Promise<T> {
    return this.#exclusive(() => work(name => this.#get(name, `Connector ${name} not found`)))
  }

  /** For `alone`, before positions of a stopped source are changed: none of its tasks writes any more. */
  async fenceAll({ name, fencedTasks = 0 }: KnownConnector): Promise<void> {
    if (fencedTasks > 0) await this.#parts.fenceTasks(name, fencedTasks)
  }

  async close(): Promise<void> {
    this.#isOpen = false
    await this.#parts.writer.close()
  }

  #get(name: string, message: string): KnownConnector {
    const known = this.#parts.log.config.connector(name)
    if (known !== undefined) return known
    throw new ScamanderError(CONNECT_ERRORS.UNKNOWN_CONNECTOR, message)
  }

  #tasksAtOnce(name: string, settings: Settings): ConfigRecord[] {
    const tasks = this.#parts.divideAtOnce(settings)
    if (tasks === undefined) return []
    const before = this.#parts.log.config.connector(name)?.tasks.length ?? 0
    return taskRecords(name, tasks, before)
  }

  #noTasks({ name, tasks }: KnownConnector): ConfigRecord[] {
    const gone = tasks.map(
      (_, task) => ({ type: 'task', name, task, settings: undefined }) as const,
    )
    return [...gone, { type: 'commit', name, tasks: undefined }]
  }

  /** Its owners do the same for what they run; those that are gone cannot. */
  #forgetStatus(name: string): void {
    const { log } = this.#parts
    for (const task of log.board.tasks(name)) {
      log.putStatus({ type: 'task', name, task, status: undefined })
    }
    for (const topic of log.board.topics(name)) {
      log.putStatus({ type: 'topic', name, topic, seen: undefined })
    }
    log.putStatus({ type: 'connector', name, status: undefined })
  }

  async #renewKey(): Promise<void> {
    const { log, sessionKey } = this.#parts
    const present = log.config.sessionKey
    const isFresh =
      present !== undefined &&
      present.algorithm === sessionKey.algorithm &&
      Date.now() - present.createdAtMs < sessionKey.ttlMs
    if (isFresh) return
    const key = newSessionKey(sessionKey.algorithm, sessionKey.bits)
    await this.#write([{ type: 'session-key', key }])
  }

  async #write(records: readonly ConfigRecord[]): Promise<void> {
    if (!this.#isOpen) throw elsewhere(undefined)
    const entries: LogEntry[] = records.map(encodeConfigRecord)
    let endOffset: number | undefined
    try {
      endOffset = await this.#parts.writer.write(entries)
    } catch (error) {
      if (!isScamanderError(error) || error.code !== KAFKA_ERRORS.PRODUCER_FENCED.code) throw error
      this.#isOpen = false
      this.#parts.deposed()
      throw elsewhere(undefined)
    }
    await this.#parts.log.catchUp(this.#parts.readTimeoutMs, endOffset)
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}

/** All tasks and their commit; those beyond are removed from the log. */
function taskRecords(
  name: string,
  tasks: readonly Settings[],
  countBefore: number,
): ConfigRecord[] {
  const records: ConfigRecord[] = tasks.map((settings, task) => ({
    type: 'task',
    name,
    task,
    settings,
  }))
  for (let task = tasks.length; task < countBefore; task++) {
    records.push({ type: 'task', name, task, settings: undefined })
  }
  return [...records, { type: 'commit', name, tasks: tasks.length }]
}

/** The log says exactly this already, for the connector's present settings. */
export function hasTasks(known: KnownConnector, tasks: readonly Settings[]): boolean {
  const isSame = !known.isInconsistent && isDeepStrictEqual(known.tasks, tasks)
  return isSame && isDeepStrictEqual(known.tasksOf, known.settings)
}
