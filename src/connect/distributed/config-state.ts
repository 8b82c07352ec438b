/**
 * What the log of configurations says, as far as it was read: the same on every worker that read
 * equally far. Fed record by record; asked by the worker for everything it shows and runs.
 * Invariants: task configurations take effect only with their commit; a connector whose commit lacks
 * some of its tasks (compaction) has none until they are made anew; a target state before its
 * connector is kept for it.
 * Spec: connect-rest 4, 17.
 */
import { isDeepStrictEqual } from 'node:util'
import type { TargetState } from '../connector.ts'
import type { ConfigRecord, SessionKey, Settings } from './config-records.ts'
import { shareOf, taskUnit, type WorkShare } from './work-share.ts'

export interface KnownConnector {
  readonly name: string
  readonly settings: Settings
  readonly target: TargetState
  /** In effect; empty before the first commit. */
  readonly tasks: readonly Settings[]
  /** The connector's settings when its tasks were committed. */
  readonly tasksOf: Settings
  /** The commit is in the log, but not all of its tasks: they must be made anew. */
  readonly isInconsistent: boolean
  /** How many tasks may write in transactions: those that were fenced last may, until next time. */
  readonly fencedTasks: number | undefined
  /** Task configurations were committed since then: their tasks must not begin before the others are fenced. */
  readonly isFencingDue: boolean
}

interface Entry {
  settings: Settings | undefined
  target: TargetState | undefined
  readonly pending: Map<number, Settings>
  tasks: readonly Settings[]
  tasksOf: Settings | undefined
  isInconsistent: boolean
  fencedTasks: number | undefined
  isFencingDue: boolean
}

export class ConfigState {
  readonly #entries = new Map<string, Entry>()
  #sessionKey: SessionKey | undefined
  #work: WorkShare | undefined

  get sessionKey(): SessionKey | undefined {
    return this.#sessionKey
  }

  /** Sorted. */
  get names(): string[] {
    return this.#known()
      .map(one => one.name)
      .sort()
  }

  /** Everything to be run by somebody. The same object until it changes. */
  get work(): WorkShare {
    if (this.#work !== undefined) return this.#work
    const known = this.#known()
    const tasks = known.flatMap(one => one.tasks.map((_, task) => taskUnit(one.name, task)))
    this.#work = shareOf(
      known.map(one => one.name),
      tasks,
    )
    return this.#work
  }

  connector(name: string): KnownConnector | undefined {
    const entry = this.#entries.get(name)
    return entry === undefined ? undefined : toKnown(name, entry)
  }

  apply(record: ConfigRecord): void {
    switch (record.type) {
      case 'session-key':
        this.#sessionKey = record.key
        return
      case 'restart':
      case 'logger':
        return
      default:
        this.#applyTo(this.#entry(record.name), record)
        this.#work = undefined
    }
  }

  #applyTo(
    entry: Entry,
    record: Exclude<ConfigRecord, { type: 'session-key' | 'restart' | 'logger' }>,
  ): void {
    switch (record.type) {
      case 'connector':
        entry.settings = record.settings
        if (record.settings === undefined) this.#forget(record.name, entry)
        return
      case 'target':
        entry.target = record.target
        return
      case 'task':
        if (record.settings === undefined) entry.pending.delete(record.task)
        else entry.pending.set(record.task, record.settings)
        return
      case 'fencing':
        entry.fencedTasks = record.taskCount
        entry.isFencingDue = false
        return
      case 'commit':
        commit(entry, record.tasks ?? 0)
        entry.isFencingDue = true
    }
  }

  /** Its tasks may go on somewhere for a while: a connector of the same name must know. */
  #forget(name: string, { fencedTasks }: Entry): void {
    this.#entries.delete(name)
    if (fencedTasks !== undefined) this.#entry(name).fencedTasks = fencedTasks
  }

  #entry(name: string): Entry {
    const known = this.#entries.get(name)
    if (known !== undefined) return known
    const made: Entry = {
      settings: undefined,
      target: undefined,
      pending: new Map(),
      tasks: [],
      tasksOf: undefined,
      isInconsistent: false,
      fencedTasks: undefined,
      isFencingDue: false,
    }
    this.#entries.set(name, made)
    return made
  }

  #known(): KnownConnector[] {
    return [...this.#entries].flatMap(([name, entry]) => toKnown(name, entry) ?? [])
  }
}

/**
 * A record that did not change is not written again: the tasks before it stay as they are. So every
 * commit takes what is pending over what was in effect.
 */
function commit(entry: Entry, count: number): void {
  const tasks: Settings[] = []
  for (let task = 0; task < count; task++) {
    const settings = entry.pending.get(task) ?? entry.tasks[task]
    if (settings !== undefined) tasks.push(settings)
  }
  entry.pending.clear()
  entry.isInconsistent = tasks.length < count
  entry.tasks = entry.isInconsistent ? [] : keepSame(entry.tasks, tasks)
  // Equal settings are no reason to restart a task either.
  if (!isDeepStrictEqual(entry.tasksOf, entry.settings)) entry.tasksOf = entry.settings
}

/** Equal configurations stay the same object: a task is restarted only when its own is another. */
function keepSame(before: readonly Settings[], after: readonly Settings[]): readonly Settings[] {
  return after.map((settings, index) => {
    const known = before[index]
    return known !== undefined && isDeepStrictEqual(known, settings) ? known : settings
  })
}

function toKnown(name: string, entry: Entry): KnownConnector | undefined {
  const { settings, target = 'STARTED', tasks, isInconsistent, fencedTasks, isFencingDue } = entry
  if (settings === undefined) return undefined
  const tasksOf = entry.tasksOf ?? settings
  return { name, settings, target, tasks, tasksOf, isInconsistent, fencedTasks, isFencingDue }
}
