/**
 * What a configuration of a sink makes of the last record of each of its topics: converted,
 * transformed and bound by the parts that a task is built of, and written nowhere.
 * Called by a worker for people who are about to launch a connector.
 * Invariants: a bounded number of topics, partitions and records is read, without a group, so that no
 * position moves; a bad record is an answer, only servers that do not answer are an error; what a
 * config provider gave, such as a named secret, is in no answer.
 * Spec: ui 5.4 (review: sample); connect-rest 9, 14.
 */
import type { RecordSample, SampleProblem } from '../api-v1-connectors.ts'
import { messageOf, type Stage } from '../base/scamander-error.ts'
import { toCell } from '../browse/index.ts'
import type { SchemaLinks } from '../cassandra/index.ts'
import type { SinkConnectorClass, TriedRecord } from '../catalog.ts'
import { type ConfigEntry, type ConfigSource, HIDDEN } from '../config/index.ts'
import { codecFor } from '../cql/index.ts'
import { FlowRecord, type RawMessage, SchemaNeeded } from '../flow/index.ts'
import { TopicInspector, type TopicView } from '../kafka/index.ts'
import { RecordDecoder } from '../pipeline/index.ts'
import { Logger } from '../telemetry/index.ts'
import { taskClientSettings } from './client-properties.ts'
import {
  type ConnectorEvaluation,
  throwOnProblems,
  type WorkerContext,
} from './connector-config.ts'
import { makeConverter, makeHeaderConverter } from './converter-config.ts'
import { type SinkFrameworkSettings, toTopicRegex } from './framework-config.ts'
import { makeTransforms } from './transform-config.ts'

const TOPICS_MAX = 5
const PARTITIONS_MAX = 64
/** The end of a log may hold marks of transactions instead of records. */
const LOOKED_AT = 8
const LOOK_MS = 10_000
/** Key, value and headers each may lack a schema, and one may show the next. */
const SCHEMA_ROUNDS_MAX = 16
const CHARACTERS_MAX = 200
/** Shorter values that a provider gave are found everywhere, and are no secrets. */
const GIVEN_MIN = 6

interface SampledSink {
  readonly evaluation: ConnectorEvaluation
  readonly settings: SinkFrameworkSettings
  readonly connectorClass: SinkConnectorClass
}

/** Empty for a source; throws one error with all problems of the configuration. */
export async function sampleRecords(
  evaluation: ConnectorEvaluation,
  worker: WorkerContext,
  links: SchemaLinks,
): Promise<RecordSample[]> {
  throwOnProblems('Sample', evaluation)
  const { sink: settings, connectorClass, source } = evaluation
  if (connectorClass?.type !== 'sink' || settings === undefined) return []
  const owner = { connector: source, worker: worker.source }
  const builtIn = { 'client.id': 'scamander-sample' }
  const { connection } = taskClientSettings('consumer', builtIn, owner, Logger.silent())
  // Somebody waits, and the checks of other configurations behind this one.
  const inspector = new TopicInspector({
    ...connection,
    requestTimeoutMs: Math.min(connection.requestTimeoutMs, LOOK_MS),
    callTimeoutMs: Math.min(connection.callTimeoutMs, LOOK_MS),
  })
  try {
    const samples: RecordSample[] = []
    for (const topic of await topicsOf(settings, inspector)) {
      const view = await inspector.topic(topic)
      const message = view && (await lastRecord(inspector, view))
      const state = view === undefined ? 'missing' : 'empty'
      samples.push(
        message === undefined
          ? { ...NOTHING, topic, state, record: null }
          : await sampleOf(message, { evaluation, settings, connectorClass }, { worker, links }),
      )
    }
    return withoutGiven(samples, [source, worker.source])
  } finally {
    await inspector.close()
  }
}

/** Wherever a configuration put them: names of topics, constants of transforms, addresses. */
export function withoutGiven(
  samples: RecordSample[],
  sources: readonly ConfigSource[],
): RecordSample[] {
  const given = sources.flatMap(({ entries }) => [...entries.values()].flatMap(valuesGiven))
  // Of two that begin alike the longer one first.
  const forms = [...new Set(given)].sort((a, b) => b.length - a.length)
  if (forms.length === 0) return samples
  const masked = (_key: string, value: unknown) =>
    typeof value === 'string'
      ? forms.reduce((left, one) => left.replaceAll(one, HIDDEN), value)
      : value
  return JSON.parse(JSON.stringify(samples, masked)) as RecordSample[]
}

/** A long one may be cut like every value. */
function valuesGiven({ given = [] }: ConfigEntry): string[] {
  return given
    .filter(one => one.length >= GIVEN_MIN)
    .flatMap(one => [one, one.slice(0, CHARACTERS_MAX)])
}

const NOTHING = { statements: [], problems: [] } as const

async function topicsOf(
  { topics, topicsRegex }: SinkFrameworkSettings,
  inspector: TopicInspector,
): Promise<readonly string[]> {
  if (topics.length > 0) return topics.slice(0, TOPICS_MAX)
  const pattern = toTopicRegex(topicsRegex)
  const names = (await inspector.topics()).map(one => one.name)
  return names
    .filter(name => pattern?.test(name) === true)
    .sort()
    .slice(0, TOPICS_MAX)
}

/** The newest of the last records of the partitions. */
async function lastRecord(
  inspector: TopicInspector,
  topic: TopicView,
): Promise<RawMessage | undefined> {
  const [starts, ends] = await Promise.all([inspector.starts(topic), inspector.ends(topic)])
  const signal = AbortSignal.timeout(LOOK_MS)
  let newest: RawMessage | undefined
  for (const [partition, toOffset] of [...ends].slice(0, PARTITIONS_MAX)) {
    const fromOffset = Math.max(starts.get(partition) ?? 0, toOffset - LOOKED_AT)
    if (fromOffset >= toOffset) continue
    const range = { partition, fromOffset, toOffset, recordsMax: LOOKED_AT }
    const last = (await inspector.read(topic, range, signal)).messages.at(-1)
    const isNewer = newest === undefined || (last?.timestampMs ?? -1) > newest.timestampMs
    if (last !== undefined && isNewer) newest = last
  }
  return newest
}

async function sampleOf(
  message: RawMessage,
  sink: SampledSink,
  around: { readonly worker: WorkerContext; readonly links: SchemaLinks },
): Promise<RecordSample> {
  const { topic, partition, offset } = message
  const at = { topic, record: `${topic}-${partition}@${offset}` }
  const decoded = await decode(message, sink, around.worker)
  if (decoded === undefined) return { ...NOTHING, ...at, state: 'dropped' }
  if (!(decoded instanceof FlowRecord)) {
    return { ...at, statements: [], state: 'failed', problems: [decoded] }
  }
  const { evaluation, connectorClass } = sink
  const bare = { ...evaluation.source, lints: [] }
  const tried = await connectorClass.tryRecord(bare, around.links, decoded)
  const problems = tried.problems.map(text => ({ stage: 'TASK_PUT', message: text }))
  const state = problems.length === 0 ? 'passed' : 'failed'
  return { ...at, state, statements: tried.statements.map(shown), problems }
}

async function decode(
  message: RawMessage,
  { evaluation: { source }, settings }: SampledSink,
  worker: WorkerContext,
): Promise<FlowRecord | SampleProblem | undefined> {
  const decoder = new RecordDecoder({
    key: makeConverter('key.converter', source, worker.source),
    value: makeConverter('value.converter', source, worker.source),
    header: makeHeaderConverter(source, worker.source),
    transforms: makeTransforms(source, settings),
  })
  for (let round = 0; round < SCHEMA_ROUNDS_MAX; round++) {
    const decoded = decoder.decode(message)
    if (decoded === undefined || decoded instanceof FlowRecord) return decoded
    if (!(decoded instanceof SchemaNeeded)) return problemOf(decoded.stage, decoded.error)
    try {
      await decoded.fetch()
    } catch (error) {
      return problemOf('VALUE_CONVERTER', error)
    }
  }
  return problemOf('VALUE_CONVERTER', new Error('expected the schemas of the record, found none'))
}

function problemOf(stage: Stage, error: unknown): SampleProblem {
  return { stage, message: messageOf(error) }
}

function shown({ cql, values }: TriedRecord['statements'][number]) {
  return {
    cql,
    values: values.flatMap(({ name, type, bytes }) => {
      if (bytes === undefined) return []
      const value = bytes === null ? null : codecFor(type).decode(bytes, 0, bytes.length)
      return [{ name, value: toCell(value, type, CHARACTERS_MAX) }]
    }),
  }
}
