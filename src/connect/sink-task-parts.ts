/**
 * Builds one run of a sink task from a checked configuration: consumer, converters, sink, error
 * policy, dead letters, metrics. Called by `ConnectorTask` at every start, so that nothing of an
 * earlier run is left in the next.
 * Spec: connect-rest 9, 10, 13, 14; cassandra-sink 7.
 */
import { systemClock } from '../base/clock.ts'
import type { PreparedSink } from '../catalog.ts'
import { type KafkaClientSettings, RecordProducer, TopicConsumer } from '../kafka/index.ts'
import { type ErrorPolicy, RecordDecoder, SinkTask, type TaskMetrics } from '../pipeline/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import { type ClientKind, taskClientSettings } from './client-properties.ts'
import type { ConnectorEvaluation } from './connector-config.ts'
import { makeConverter, makeHeaderConverter } from './converter-config.ts'
import {
  type DeadLetterCounters,
  ensureDeadLetterTopic,
  KafkaDeadLetters,
} from './dead-letter-topic.ts'
import { toTopicRegex } from './framework-config.ts'
import type { WorkerConfig } from './standalone-config.ts'
import { makeTransforms } from './transform-config.ts'

/** A connector that may start: its checked configuration and what its tasks share. */
export interface ConnectorPlan {
  readonly name: string
  readonly evaluation: ConnectorEvaluation
  readonly prepared: PreparedSink
  readonly sinkClassName: string
}

export interface TaskContext {
  readonly plan: ConnectorPlan
  readonly task: number
  readonly worker: WorkerConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  readonly deadLetters: DeadLetterCounters
  readonly metrics: TaskMetrics
  /** An earlier run reached the servers: what cannot be reached now may come back. */
  readonly wasStarted: boolean
}

export interface SinkTaskRun {
  readonly task: SinkTask
  readonly consumer: TopicConsumer
}

/** Creates the dead-letter topic when one is named; a failure is the task's. */
export async function buildSinkTask(context: TaskContext): Promise<SinkTaskRun> {
  const { plan, task, worker, logger, registry, metrics } = context
  const { framework, source } = plan.evaluation
  const consumer = new TopicConsumer({
    settings: clientSettings('consumer', context, {
      'client.id': `connector-consumer-${plan.name}-${task}`,
      'group.id': groupIdOf(plan.name),
      'auto.offset.reset': 'earliest',
    }),
    selection: selectionOf(plan),
    logger,
    metrics: { registry, labels: { connector: plan.name, task: String(task) } },
  })
  const deadLetters = await openDeadLetters(context)
  const sinkTask = new SinkTask({
    connector: plan.name,
    task,
    source: consumer,
    decoder: new RecordDecoder({
      key: makeConverter('key.converter', source, worker.source),
      value: makeConverter('value.converter', source, worker.source),
      header: makeHeaderConverter(source, worker.source),
      transforms: makeTransforms(source, framework),
    }),
    sink: plan.prepared.createSink({
      connector: plan.name,
      logger,
      metrics: registry,
      wasOpen: context.wasStarted,
    }),
    sinkClassName: plan.sinkClassName,
    policy: policyOf(plan),
    ...(deadLetters === undefined ? {} : { deadLetters }),
    contextHeaders: framework.deadLetterHeaders,
    commitIntervalMs: framework.flushIntervalMs ?? worker.settings.flushIntervalMs,
    clock: systemClock,
    logger,
    metrics,
  })
  return { task: sinkTask, consumer }
}

/** The consumer group of a sink connector, unless overridden. */
export function groupIdOf(connector: string): string {
  return `connect-${connector}`
}

/** The group that counts, after overrides. */
export function effectiveGroupId(plan: ConnectorPlan, worker: WorkerConfig): string {
  const { source } = plan.evaluation
  const named = (key: string, of = source) => of.entries.get(key)?.value.trim()
  return (
    named('consumer.override.group.id') ??
    named('consumer.group.id', worker.source) ??
    named('group.id') ??
    groupIdOf(plan.name)
  )
}

export function clientSettings(
  kind: ClientKind,
  context: Pick<TaskContext, 'plan' | 'worker' | 'logger'>,
  builtIn: Readonly<Record<string, string>>,
): KafkaClientSettings {
  const owner = { connector: context.plan.evaluation.source, worker: context.worker.source }
  return taskClientSettings(kind, builtIn, owner, context.logger)
}

function selectionOf({ evaluation }: ConnectorPlan) {
  const { topics, topicsRegex } = evaluation.framework
  if (topics.length > 0) return { topics }
  return { pattern: toTopicRegex(topicsRegex) ?? /^$/ }
}

function policyOf({ evaluation, prepared }: ConnectorPlan): ErrorPolicy {
  const { tolerance, deadLetterTopic, logErrors, logMessages } = evaluation.framework
  const hasDeadLetters = deadLetterTopic !== ''
  return { tolerance, hasDeadLetters, logErrors, logMessages, ...prepared.putPolicy }
}

async function openDeadLetters(context: TaskContext): Promise<KafkaDeadLetters | undefined> {
  const { plan, task, logger, registry } = context
  const { deadLetterTopic: name, deadLetterReplication } = plan.evaluation.framework
  if (name === '') return undefined
  const adminId = `connector-dlq-adminclient-${plan.name}-${task}`
  const topic = { name, replicationFactor: deadLetterReplication }
  await ensureDeadLetterTopic(clientSettings('admin', context, { 'client.id': adminId }), topic)
  const settings = clientSettings('producer', context, {
    'client.id': `connector-dlq-producer-${plan.name}-${task}`,
    acks: 'all',
  })
  const labels = { connector: plan.name, task: String(task) }
  const producer = new RecordProducer({ settings, logger, metrics: { registry, labels } })
  return new KafkaDeadLetters(producer, name, context.deadLetters)
}
