/**
 * Gives dead letters to a connector's own converters, transforms and sink, without writing them to
 * any topic: other readers of the original topic see nothing.
 * Called by `scamander dlq replay --through`. The letters carry their original topic again before
 * the connector's transforms see them. A letter that fails ends the replay; it goes on there when
 * it is run again.
 * Invariants: at least once; letters are committed after the sink has settled them.
 * Spec: connect-rest 13, 14.
 */
import { systemClock } from '../../base/clock.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import type {
  AssignmentListener,
  Batch,
  FlowRecord,
  RawMessage,
  TopicPartition,
  TopicPosition,
  TopicSource,
} from '../../flow/index.ts'
import { type KafkaClientSettings, TopicConsumer } from '../../kafka/index.ts'
import { RecordDecoder, SinkTask, TaskMetrics } from '../../pipeline/index.ts'
import { type Logger, MetricRegistry } from '../../telemetry/index.ts'
import { prepareConnector } from '../connector-plan.ts'
import { makeConverter, makeHeaderConverter } from '../converter-config.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import type { WorkerConfig } from '../standalone-config.ts'
import type { SinkPlan } from '../task-plan.ts'
import { makeTransforms } from '../transform-config.ts'
import { originalHeaders, toLetter } from './letter.ts'
import { LetterEnd } from './letter-end.ts'
import { type LetterFilter, matchesLetter } from './letter-filter.ts'
import { fetchRanges, forgetGroup } from './letter-reader.ts'

export interface ConnectorReplayOptions {
  /** The consumer's; its group keeps the position. */
  readonly settings: KafkaClientSettings
  /** The dead-letter topic. */
  readonly topic: string
  readonly filter: LetterFilter
  readonly fromStart: boolean
  /** Configuration of the connector, secrets included. */
  readonly config: Readonly<Record<string, string>>
  readonly worker: WorkerConfig
  readonly logger: Logger
  readonly signal: AbortSignal
}

export interface ConnectorReplayReport {
  readonly read: number
  /** Written by the sink. */
  readonly replayed: number
  readonly filtered: number
}

const COMMIT_INTERVAL_MS = 500
/** Where the connector itself would try for ever. */
const ATTEMPTS_MAX = 5

export async function replayThroughConnector(
  options: ConnectorReplayOptions,
): Promise<ConnectorReplayReport> {
  const { settings, topic, logger, signal } = options
  const plan = planOf(options)
  const end = new LetterEnd(await fetchRanges(settings, topic))
  if (options.fromStart) await forgetGroup(settings)
  const consumer = new TopicConsumer({ settings, selection: { topics: [topic] }, logger })
  const finished = new AbortController()
  const metrics = new TaskMetrics(new MetricRegistry(), plan.name, 0)
  const source = new LetterSource(consumer, { end, filter: options.filter, finished })
  const task = makeTask(plan, options, { source, metrics })
  await task.run(AbortSignal.any([signal, finished.signal]), () => undefined)
  const { read, given } = source.counts
  return { read, replayed: given, filtered: read - given }
}

function planOf({ config, worker, logger, signal }: ConnectorReplayOptions): SinkPlan {
  const name = config['name']?.trim() ?? ''
  const plan = prepareConnector(config, { name, worker, logger, signal })
  if (plan.kind === 'sink') return plan
  const message = `${name} is not a sink: only sinks have dead letters`
  throw new ScamanderError(CONNECT_ERRORS.NO_LETTERS, message)
}

interface ReplayParts {
  readonly source: TopicSource
  readonly metrics: TaskMetrics
}

function makeTask(plan: SinkPlan, { worker, logger }: ConnectorReplayOptions, parts: ReplayParts) {
  const { source } = plan.evaluation
  return new SinkTask({
    connector: plan.name,
    task: 0,
    source: parts.source,
    decoder: new RecordDecoder({
      key: makeConverter('key.converter', source, worker.source),
      value: makeConverter('value.converter', source, worker.source),
      header: makeHeaderConverter(source, worker.source),
      transforms: [RESTORE, ...makeTransforms(source, plan.settings)],
    }),
    sink: plan.prepared.createSink({
      connector: plan.name,
      logger,
      metrics: new MetricRegistry(),
      wasOpen: false,
    }),
    sinkClassName: plan.className,
    // The first letter that fails again ends the replay: it stays where it is.
    policy: {
      tolerance: 'none',
      hasDeadLetters: false,
      logErrors: false,
      logMessages: false,
      mapping: 'fail',
      driver: 'rewind',
      attemptsMax: plan.prepared.putPolicy.attemptsMax || ATTEMPTS_MAX,
    },
    contextHeaders: false,
    commitIntervalMs: COMMIT_INTERVAL_MS,
    clock: systemClock,
    logger,
    metrics: parts.metrics,
  })
}

/** The topic that a letter came from, and no context headers, before the connector sees it. */
const RESTORE = {
  className: 'scamander.RestoreLetter',
  component: {
    apply: (record: FlowRecord): FlowRecord => {
      record.topic = toLetter(record.origin).origin?.topic ?? record.topic
      const kept = new Set(originalHeaders(record.origin.headers).map(one => one.name))
      record.headers = record.headers.filter(one => kept.has(one.name))
      return record
    },
  },
}

interface Walking {
  readonly end: LetterEnd
  readonly filter: LetterFilter
  readonly finished: AbortController
}

/** The letters that are meant, up to the end; aborts `finished` when all of them are committed. */
class LetterSource implements TopicSource {
  readonly counts = { read: 0, given: 0 }
  readonly #consumer: TopicConsumer
  readonly #walking: Walking

  constructor(consumer: TopicConsumer, walking: Walking) {
    this.#consumer = consumer
    this.#walking = walking
  }

  async open(listener: AssignmentListener, signal: AbortSignal): Promise<void> {
    const { end } = this.#walking
    const both: AssignmentListener = {
      assigned: positions => {
        end.assigned(positions)
        listener.assigned(positions)
      },
      revoked: async partitions => {
        await listener.revoked(partitions)
        end.revoked(partitions)
      },
    }
    await this.#consumer.open(both, signal)
  }

  async read(signal: AbortSignal): Promise<Batch<RawMessage>> {
    const { end, finished } = this.#walking
    const { items, sizeBytes } = await this.#consumer.read(signal)
    if (items.length === 0) {
      end.moved(this.#consumer.lags())
      if (end.isCommitted) finished.abort()
    }
    return { items: items.filter(one => this.#isMeant(one)), sizeBytes }
  }

  async commit(positions: readonly TopicPosition[]): Promise<void> {
    await this.#consumer.commit(positions)
    this.#walking.end.committed(positions)
  }

  seek(position: TopicPosition): void {
    this.#consumer.seek(position)
  }

  pause(partitions?: readonly TopicPartition[]): void {
    this.#consumer.pause(partitions)
  }

  resume(partitions?: readonly TopicPartition[]): void {
    this.#consumer.resume(partitions)
  }

  async close(): Promise<void> {
    await this.#consumer.close()
  }

  #isMeant(message: RawMessage): boolean {
    const { end, filter } = this.#walking
    const isMeant = matchesLetter(toLetter(message), filter)
    if (!end.take(message, isMeant)) return false
    this.counts.read++
    if (isMeant) this.counts.given++
    return isMeant
  }
}
