/**
 * Builds one run of a source task from a checked configuration: source, transforms, converters,
 * topic creation, producer, positions. Called by `ConnectorTask` at every start, so that nothing of
 * an earlier run is left in the next.
 * Spec: connect-rest 9, 10, 13, 14.
 */
import { systemClock } from '../base/clock.ts'
import { type KafkaClientSettings, RecordProducer } from '../kafka/index.ts'
import { SourceTask, type SourceTaskMetrics } from '../pipeline/index.ts'
import { makeConverter, makeHeaderConverter } from './converter-config.ts'
import { exactlyOnceTask, inTransactions, TransactionalOffsets } from './exactly-once.ts'
import { storedOffsets } from './offsets/offset-store.ts'
import { ownOffsets } from './own-offsets.ts'
import { ProducingWriter } from './producing-writer.ts'
import { retryPolicyOf } from './retry-policy.ts'
import { clientSettings } from './sink-task-parts.ts'
import type { SourcePlan, TaskContext, TaskRun } from './task-plan.ts'
import { watchedEncoder, watchedSource } from './threads/watched-parts.ts'
import { topicGroupsOf } from './topic-creation-rules.ts'
import { TopicCreator } from './topic-creator.ts'
import { makeTransforms } from './transform-config.ts'

export function buildSourceTask(
  plan: SourcePlan,
  context: TaskContext,
  metrics: SourceTaskMetrics,
): TaskRun {
  const { task, worker, logger, registry } = context
  const { settings, evaluation, prepared, name } = plan
  const { source } = evaluation
  const settingsOfProducer = producerSettings(plan, context)
  const { transactionTimeoutMs } = settingsOfProducer.producer
  const exact = exactlyOnceTask(plan, task, worker, transactionTimeoutMs)
  const inTransaction = exact && inTransactions(settingsOfProducer, exact.transactionalId)
  const { writer, producer } = makeWriter(plan, context, inTransaction ?? settingsOfProducer)
  const own = ownOffsets(plan, context.offsets, { worker, logger })
  const offsets = own === undefined ? context.offsets : context.bound(own)
  const sourceTask = new SourceTask({
    connector: name,
    task,
    source: watchedSource(
      prepared.createSource(plan.taskConfigs[task] ?? {}, {
        connector: name,
        task,
        logger,
        metrics: registry,
        wasOpen: context.wasStarted,
      }),
      context.mark,
    ),
    encoder: watchedEncoder(
      {
        key: makeConverter('key.converter', source, worker.source),
        value: makeConverter('value.converter', source, worker.source),
        header: makeHeaderConverter(source, worker.source),
        transforms: makeTransforms(source, settings),
      },
      context.mark,
    ),
    writer,
    stored: storedOffsets(offsets, name),
    offsets:
      exact === undefined
        ? { write: positions => offsets.write(name, positions) }
        : new TransactionalOffsets(producer, offsets, {
            connector: name,
            topic: exact.offsetTopic,
          }),
    boundary: exact?.boundary,
    policy: {
      tolerance: settings.tolerance,
      retryDelayMaxMs: settings.retryDelayMaxMs,
      logErrors: settings.logErrors,
    },
    retry: retryPolicyOf(plan),
    propagatesTraces: worker.settings.tracingPropagate,
    flushIntervalMs: settings.flushIntervalMs ?? worker.settings.flushIntervalMs,
    clock: systemClock,
    logger,
    metrics,
  })
  return {
    run: async (signal, started) => {
      try {
        await sourceTask.run(signal, started)
      } finally {
        await own?.close()
      }
    },
    pause: () => sourceTask.pause(),
    resume: () => sourceTask.resume(),
    cutOff: async () => {
      await Promise.all([writer.cutOff(), own?.close(0)])
    },
    lags: () => [],
  }
}

/** Records wait as long as Kafka is away, as they do in Kafka Connect. */
const PATIENT = {
  acks: 'all',
  'enable.idempotence': 'true',
  'delivery.timeout.ms': String(2 ** 31 - 1),
}

function producerSettings(plan: SourcePlan, context: TaskContext): KafkaClientSettings {
  const { task, worker, logger } = context
  const clientId = { 'client.id': `connector-producer-${plan.name}-${task}` }
  return clientSettings('producer', { plan, worker, logger }, { ...clientId, ...PATIENT })
}

function makeWriter(
  plan: SourcePlan,
  context: TaskContext,
  producerSettings: KafkaClientSettings,
): { readonly writer: ProducingWriter; readonly producer: RecordProducer } {
  const { task, worker, logger, registry, hooks } = context
  const { name } = plan
  const withPlan = { plan, worker, logger }
  const producer = new RecordProducer({
    settings: producerSettings,
    logger,
    metrics: { registry, labels: { connector: name, task: String(task) } },
  })
  const groups = worker.settings.topicCreation ? topicGroupsOf(plan.settings) : undefined
  const adminId = { 'client.id': `connector-adminclient-${name}-${task}` }
  const creator =
    groups && new TopicCreator(clientSettings('admin', withPlan, adminId), groups, logger)
  return { writer: new ProducingWriter(producer, creator, hooks), producer }
}
