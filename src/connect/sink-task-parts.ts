/**
 * Builds one run of a sink task from a checked configuration: consumer, converters, sink, error
 * policy, dead letters, metrics. Called by `ConnectorTask` at every start, so that nothing of an
 * earlier run is left in the next.
 * Spec: connect-rest 9, 10, 13, 14; cassandra-sink 7.
 */
import { systemClock } from '../base/clock.ts'
import {
  type KafkaClientSettings,
  type PartitionLag,
  RecordProducer,
  TopicConsumer,
} from '../kafka/index.ts'
import { type ErrorPolicy, SinkTask, type TaskMetrics } from '../pipeline/index.ts'
import { type ClientKind, taskClientSettings } from './client-properties.ts'
import { makeConverter, makeHeaderConverter } from './converter-config.ts'
import { ensureDeadLetterTopic, KafkaDeadLetters } from './dead-letter-topic.ts'
import { toTopicRegex } from './framework-config.ts'
import { retryPolicyOf } from './retry-policy.ts'
import type { WorkerConfig } from './standalone-config.ts'
import type { NamedConfig, SinkPlan, TaskContext, TaskRun } from './task-plan.ts'
import { watchedDecoder, watchedSink } from './threads/watched-parts.ts'
import { trackingSource } from './tracking-source.ts'
import { makeTransforms } from './transform-config.ts'

export type { NamedConfig } from './task-plan.ts'

/** Creates the dead-letter topic when one is named; a failure is the task's. */
export async function buildSinkTask(
  plan: SinkPlan,
  taskContext: TaskContext,
  metrics: TaskMetrics,
): Promise<TaskRun> {
  const context = { ...taskContext, plan }
  const { task, worker, logger, registry } = context
  const { settings, evaluation } = plan
  const { source } = evaluation
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
  const sink = plan.prepared.createSink({
    connector: plan.name,
    logger,
    metrics: registry,
    wasOpen: context.wasStarted,
  })
  const sinkTask = new SinkTask({
    connector: plan.name,
    task,
    source: trackingSource(consumer, context.hooks),
    decoder: watchedDecoder(
      {
        key: makeConverter('key.converter', source, worker.source),
        value: makeConverter('value.converter', source, worker.source),
        header: makeHeaderConverter(source, worker.source),
        transforms: makeTransforms(source, settings),
      },
      context.mark,
    ),
    sink: watchedSink(sink, context.mark),
    sinkClassName: plan.className,
    policy: policyOf(plan),
    retry: retryPolicyOf(plan),
    ...(deadLetters === undefined ? {} : { deadLetters }),
    contextHeaders: settings.deadLetterHeaders,
    commitIntervalMs: settings.flushIntervalMs ?? worker.settings.flushIntervalMs,
    clock: systemClock,
    logger,
    metrics,
  })
  return {
    run: (signal, started) => sinkTask.run(signal, started),
    pause: () => sinkTask.pause(),
    resume: () => sinkTask.resume(),
    cutOff: () => consumer.close(),
    lags: () => consumer.lags().map(one => unsettled(one, sinkTask.unsettledOffset(one))),
    unanswered: () => [sink.unanswered?.(), consumer.unanswered()].filter(one => one !== undefined),
    memberId: () => consumer.memberId,
  }
}

/** What was read and is not settled is still to be done, like what was not read. */
function unsettled(lag: PartitionLag, offset: number | undefined): PartitionLag {
  const { highWatermark, position } = lag
  if (offset === undefined || lag.lag < 0 || offset >= position) return lag
  return { ...lag, position: offset, lag: Math.max(0, highWatermark - offset) }
}

/** The consumer group of a sink connector, unless overridden. */
export function groupIdOf(connector: string): string {
  return `connect-${connector}`
}

/** The group that counts, after overrides. */
export function effectiveGroupId(plan: NamedConfig, worker: WorkerConfig): string {
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
  context: Pick<TaskContext, 'worker' | 'logger'> & { readonly plan: NamedConfig },
  builtIn: Readonly<Record<string, string>>,
): KafkaClientSettings {
  const owner = { connector: context.plan.evaluation.source, worker: context.worker.source }
  return taskClientSettings(kind, builtIn, owner, context.logger)
}

function selectionOf({ settings }: SinkPlan) {
  const { topics, topicsRegex } = settings
  if (topics.length > 0) return { topics }
  return { pattern: toTopicRegex(topicsRegex) ?? /^$/ }
}

function policyOf({ settings, prepared }: SinkPlan): ErrorPolicy {
  const { tolerance, deadLetterTopic, logErrors, logMessages } = settings
  const hasDeadLetters = deadLetterTopic !== ''
  return { tolerance, hasDeadLetters, logErrors, logMessages, ...prepared.putPolicy }
}

async function openDeadLetters(
  context: TaskContext & { readonly plan: SinkPlan },
): Promise<KafkaDeadLetters | undefined> {
  const { plan, task, logger, registry } = context
  const { deadLetterTopic: name, deadLetterReplication } = plan.settings
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
