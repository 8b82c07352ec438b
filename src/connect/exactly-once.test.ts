import { describe, expect, it } from 'vitest'
import { sourceOf } from '../config/index.ts'
import { Logger } from '../telemetry/index.ts'
import { evaluateConnector } from './connector-config.ts'
import { prepareConnector } from './connector-plan.ts'
import { exactlyOnceTask } from './exactly-once.ts'
import { checkStandalone } from './standalone-config.ts'

type Keys = Readonly<Record<string, string>>

const RANGES: Keys = {
  name: 'c',
  'connector.class': 'com.datastax.oss.kafka.source.CassandraSourceConnector',
  contactPoints: '127.0.0.1',
  'loadBalancing.localDc': 'dc1',
  keyspace: 'k',
  'table.name.format': 't',
}
const BULK: Keys = {
  name: 'c',
  'connector.class': 'io.lenses.streamreactor.connect.cassandra.source.CassandraSourceConnector',
  'connect.cassandra.contact.points': '127.0.0.1',
  'connect.cassandra.key.space': 'k',
  'connect.cassandra.kcql': 'INSERT INTO t SELECT * FROM t',
}
const BY_TIME: Keys = {
  ...BULK,
  'connect.cassandra.kcql': 'INSERT INTO t SELECT * FROM t PK at INCREMENTALMODE=TIMESTAMP',
}

const WORKER = checkStandalone(
  sourceOf({
    'bootstrap.servers': 'one:9092',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.storage.file.filename': '/tmp/none',
  }),
  [],
).config
const EXACT = { ...WORKER, exactlyOnce: { groupId: 'g', offsetTopic: 'offsets' } }
const REQUIRED = { 'exactly.once.support': 'required' }

function errors(connector: Keys, worker: typeof WORKER): string[] {
  return evaluateConnector(sourceOf(connector), worker)
    .lints.filter(one => one.severity === 'error')
    .map(one => `${one.key}: ${one.message}`)
}

function taskOf(connector: Keys, worker: typeof WORKER, timeoutMs = 60_000) {
  const signal = new AbortController().signal
  const plan = prepareConnector(connector, { name: 'c', worker, logger: Logger.silent(), signal })
  if (plan.kind !== 'source') throw new Error('a source')
  return exactlyOnceTask({ ...plan, taskConfigs: [] }, 2, worker, timeoutMs)
}

describe('exactly-once support of sources', () => {
  it.each<[string, Keys, typeof WORKER, string | undefined]>([
    [
      'a worker without it',
      RANGES,
      WORKER,
      'This worker does not have exactly-once source support',
    ],
    ['a connector that starts anew', BULK, EXACT, 'The connector does not support exactly-once'],
    ['a connector that goes on', BY_TIME, EXACT, undefined],
    ['another that goes on', RANGES, EXACT, undefined],
    [
      'records in another cluster than positions',
      { ...RANGES, 'producer.override.bootstrap.servers': 'two:9092' },
      EXACT,
      'The records go to another Kafka cluster than the positions',
    ],
  ])('required, with %s', (_what, connector, worker, message) => {
    const found = errors({ ...connector, ...REQUIRED }, worker)
    if (message === undefined) expect(found).toEqual([])
    else expect(found).toEqual([expect.stringContaining(`exactly.once.support: ${message}`)])
    // Without the demand records are delivered at least once.
    expect(errors(connector, worker)).toEqual([])
    const isExact = worker === EXACT && message === undefined
    expect(taskOf(connector, worker) !== undefined).toBe(isExact)
  })

  it('refuses boundaries that the connector would define', () => {
    expect(errors({ ...RANGES, 'transaction.boundary': 'connector' }, EXACT)).toEqual([
      expect.stringContaining('does not support connector-defined transaction boundaries'),
    ])
  })

  it('ends transactions with every batch, or after a time that the coordinator allows', () => {
    const more = (keys: Keys) => taskOf({ ...RANGES, ...keys }, EXACT)
    expect(more({})).toEqual({
      transactionalId: 'g-c-2',
      offsetTopic: 'offsets',
      boundary: { intervalMs: 0 },
    })
    const interval = { 'transaction.boundary': 'INTERVAL' }
    expect(more({ ...interval, 'offset.flush.interval.ms': '500' })?.boundary.intervalMs).toBe(500)
    const asked = { ...interval, 'transaction.boundary.interval.ms': '700' }
    expect(more(asked)?.boundary.intervalMs).toBe(700)
    const long = { ...interval, 'transaction.boundary.interval.ms': '100000' }
    expect(more(long)?.boundary.intervalMs).toBe(30_000)
  })
})
