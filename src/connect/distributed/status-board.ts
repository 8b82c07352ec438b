/**
 * The states of all connectors and tasks of the cluster, as the topic of states has them, and the
 * topics that connectors use. Fed record by record; asked for every status answer.
 * Invariant: the last record of a unit wins; a deletion leaves nothing.
 * Spec: connect-rest 2.2, 4, 17.
 */
import type { StatusRecord, UnitStatus } from './status-records.ts'

interface Known {
  connector: UnitStatus | undefined
  readonly tasks: Map<number, UnitStatus>
  readonly topics: Set<string>
}

export class StatusBoard {
  readonly #known = new Map<string, Known>()

  apply(record: StatusRecord): void {
    const known = this.#of(record.name)
    if (record.type === 'connector') known.connector = record.status
    else if (record.type === 'task') {
      if (record.status === undefined) known.tasks.delete(record.task)
      else known.tasks.set(record.task, record.status)
    } else if (record.seen === undefined) known.topics.delete(record.topic)
    else known.topics.add(record.topic)
    const isEmpty = known.connector === undefined && known.tasks.size + known.topics.size === 0
    if (isEmpty) this.#known.delete(record.name)
  }

  connector(name: string): UnitStatus | undefined {
    return this.#known.get(name)?.connector
  }

  task(name: string, task: number): UnitStatus | undefined {
    return this.#known.get(name)?.tasks.get(task)
  }

  /** Numbers of the tasks that have a state. */
  tasks(name: string): number[] {
    return [...(this.#known.get(name)?.tasks.keys() ?? [])].sort((a, b) => a - b)
  }

  /** Sorted. */
  topics(name: string): string[] {
    return [...(this.#known.get(name)?.topics ?? [])].sort()
  }

  /** Whether the topic is on the list already. */
  hasTopic(name: string, topic: string): boolean {
    return this.#known.get(name)?.topics.has(topic) === true
  }

  /** Names of connectors with anything kept. */
  get names(): string[] {
    return [...this.#known.keys()]
  }

  #of(name: string): Known {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const made: Known = { connector: undefined, tasks: new Map(), topics: new Set() }
    this.#known.set(name, made)
    return made
  }
}

/**
 * Whether a worker may write a state that it does not fully own any more (on stop or failure): not
 * over what a later owner wrote.
 */
export function mayReplace(
  before: UnitStatus | undefined,
  after: Pick<UnitStatus, 'workerId' | 'generation'>,
): boolean {
  if (before === undefined || before.workerId === after.workerId) return true
  return before.generation < after.generation
}
