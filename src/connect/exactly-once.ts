/**
 * Exactly-once delivery of a source's tasks: whether it can be had, under which transactional ids,
 * and how records and positions get into one transaction.
 * Used by connector-config.ts (what is refused), source-task-parts.ts (one run of a task) and the
 * workers of a cluster (who is fenced).
 * Invariants: positions are in the same Kafka cluster as the records, since a transaction spans no
 * two; a run commits nothing but what its own positions cover.
 * Spec: connect-rest 9, 10, 13, 18.5.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import type { ConnectorClass } from '../catalog.ts'
import { type ConfigSource, type Lint, subSource } from '../config/index.ts'
import type { SourcePosition } from '../flow/index.ts'
import type { KafkaClientSettings, RecordProducer } from '../kafka/index.ts'
import type { TransactionBoundary } from '../pipeline/index.ts'
import { CONNECT_ERRORS } from './errors.ts'
import { isSourceFrameworkKey } from './framework-config.ts'
import { type OffsetStore, offsetKey } from './offsets/offset-store.ts'
import type { SourceFrameworkSettings } from './source-framework-config.ts'
import type { NamedConfig, SourcePlan } from './task-plan.ts'

/** A worker whose sources may deliver exactly once. */
export interface ExactlyOnceWorker {
  readonly groupId: string
  /** The topic of positions. */
  readonly offsetTopic: string
}

/** For one task. */
export interface ExactlyOnceTask {
  readonly transactionalId: string
  readonly offsetTopic: string
  readonly boundary: TransactionBoundary
}

interface Around {
  readonly source: ConfigSource
  readonly exactlyOnce?: ExactlyOnceWorker | undefined
}

/** Of the time after which a transaction is aborted. */
const INTERVAL_FRACTION = 1 / 2

export function transactionalIdOf(groupId: string, connector: string, task: number): string {
  return `${groupId}-${connector}-${task}`
}

/** Whether the tasks of a connector write in transactions. */
export function isExactlyOnce(
  plan: NamedConfig & Pick<SourcePlan, 'prepared'>,
  worker: Around,
): boolean {
  if (worker.exactlyOnce === undefined || !plan.prepared.supportsExactlyOnce) return false
  return isSameCluster(plan.evaluation.source, worker.source)
}

/** Undefined: records are delivered at least once. */
export function exactlyOnceTask(
  plan: SourcePlan,
  task: number,
  worker: Around & { readonly settings: { readonly flushIntervalMs: number } },
  transactionTimeoutMs: number,
): ExactlyOnceTask | undefined {
  const { exactlyOnce } = worker
  if (exactlyOnce === undefined || !isExactlyOnce(plan, worker)) return undefined
  const { groupId } = exactlyOnce
  const offsetTopic = plan.settings.offsetsTopic ?? exactlyOnce.offsetTopic
  const { transactionBoundary, transactionIntervalMs, flushIntervalMs } = plan.settings
  const given = transactionIntervalMs ?? flushIntervalMs ?? worker.settings.flushIntervalMs
  const intervalMs = Math.min(given, transactionTimeoutMs * INTERVAL_FRACTION)
  return {
    transactionalId: transactionalIdOf(groupId, plan.name, task),
    offsetTopic,
    boundary: { intervalMs: transactionBoundary === 'interval' ? intervalMs : 0 },
  }
}

/** What the connector's own settings cannot change. */
export function inTransactions(
  settings: KafkaClientSettings,
  transactionalId: string,
): KafkaClientSettings {
  const producer = { ...settings.producer, acks: -1, isIdempotent: true, transactionalId } as const
  return { ...settings, producer }
}

/** Stores positions by ending the transaction of the producer. */
export class TransactionalOffsets {
  readonly #producer: RecordProducer
  readonly #store: OffsetStore
  readonly #at: { readonly connector: string; readonly topic: string }

  constructor(
    producer: RecordProducer,
    store: OffsetStore,
    at: { readonly connector: string; readonly topic: string },
  ) {
    this.#producer = producer
    this.#store = store
    this.#at = at
  }

  async write(positions: readonly SourcePosition[]): Promise<void> {
    const { connector, topic } = this.#at
    const partitions = positions.map(({ partition }) => partition)
    const keys =
      (await this.#store.keysOf?.(connector, partitions)) ??
      partitions.map(partition => offsetKey(connector, partition))
    const records = positions.map(({ offset }, index) => ({
      topic,
      key: Buffer.from(keys[index]!),
      value: Buffer.from(JSON.stringify(offset)),
      headers: [],
    }))
    const { failures } = await this.#producer.send(records)
    if (failures[0] !== undefined) throw failures[0].error
    await this.#producer.commit()
    await this.#store.written?.(connector, positions)
  }
}

/** What keeps a source from `exactly.once.support=required`, and a boundary it cannot have. */
export function exactlyOnceProblems(
  settings: SourceFrameworkSettings,
  connectorClass: Extract<ConnectorClass, { type: 'source' }>,
  around: Around & { readonly given: ConfigSource },
): Lint[] {
  const { given, exactlyOnce } = around
  const problems: Lint[] = []
  const report = (key: string, message: string, advice: string) => {
    const location = given.entries.get(key)?.location
    const at = location === undefined ? {} : { location }
    problems.push({ kind: 'invalid', severity: 'error', key, message, advice, ...at })
  }
  if (settings.transactionBoundary === 'connector') {
    const message =
      'The connector does not support connector-defined transaction boundaries with the given configuration. Please reconfigure it to use a different transaction boundary definition.'
    report('transaction.boundary', message, 'Set it to poll or interval.')
  }
  if (settings.exactlyOnce !== 'required') return problems
  const refuse = (message: string, advice: string) =>
    report('exactly.once.support', message, advice)
  if (exactlyOnce === undefined) {
    refuse(
      'This worker does not have exactly-once source support enabled.',
      'Set exactly.once.source.support=enabled on the workers, or set this to requested: then records are delivered at least once.',
    )
  } else if (!isSameCluster(given, around.source)) {
    refuse(
      'The records go to another Kafka cluster than the positions: no transaction spans both.',
      'Remove producer.override.bootstrap.servers and bootstrap.servers, or set this to requested.',
    )
  } else if (!canBeExact(connectorClass, given)) {
    refuse(
      'The connector does not support exactly-once semantics with the provided configuration.',
      'Set this to requested, or choose a mode of the connector that goes on at a stored position.',
    )
  }
  return problems
}

/** Throws unless this worker may end transactions of earlier tasks. */
export function assertCanFence(support: 'disabled' | 'preparing' | 'enabled'): void {
  if (support !== 'disabled') return
  const message =
    'Worker does not support zombie source fencing: exactly.once.source.support is not enabled'
  throw new ScamanderError(CONNECT_ERRORS.UNEXPECTED, message)
}

/** Of a configuration with other problems nothing is known. */
function canBeExact(
  connectorClass: Extract<ConnectorClass, { type: 'source' }>,
  given: ConfigSource,
): boolean {
  try {
    return connectorClass.prepare({ ...given, lints: [] }, isSourceFrameworkKey).supportsExactlyOnce
  } catch {
    return true
  }
}

function isSameCluster(connector: ConfigSource, worker: ConfigSource): boolean {
  const of = (source: ConfigSource, key: string) => source.entries.get(key)?.value.trim()
  const key = 'bootstrap.servers'
  const own = of(worker, key) ?? 'localhost:9092'
  const named =
    of(subSource(connector, 'producer.override.'), key) ??
    of(subSource(worker, 'producer.'), key) ??
    of(connector, key) ??
    own
  return named === own
}
