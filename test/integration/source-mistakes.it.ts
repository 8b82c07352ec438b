/**
 * What is wrong in the configuration of a KCQL source is told with its place in the KCQL: by REST
 * with 400 and the field, also where only the cluster can tell, by `lint`, and by a worker that
 * starts with exit code 2. Spec: cassandra-sink 11.1-11.3.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { kcqlSource, sourceWorker } from '../support/source.ts'
import {
  type Settings,
  scamander,
  startWorker,
  type TestWorker,
  temporaryFile,
  toProperties,
  workerSettings,
} from '../support/standalone.ts'
import { admin, closeAll } from '../support/topic-reader.ts'

let keyspace: TestKeyspace
let worker: TestWorker | undefined
let name: string
let topic: string

beforeEach(async () => {
  keyspace = await testKeyspace()
  name = `kcql-${randomBytes(4).toString('hex')}`
  topic = `${name}-out`
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await admin().deleteTopics([topic])
  await closeAll()
  await keyspace.drop()
})

const execute = (cql: string, values: readonly unknown[] = []) =>
  keyspace.client.execute(cql.replaceAll('ks.', `${keyspace.name}.`), [...values], {
    prepare: true,
  })

function source(kcql: string, more: Settings = {}): Record<string, string> {
  return kcqlSource(name, kcql, {
    'connect.cassandra.key.space': keyspace.name,
    'connect.cassandra.slice.delay.ms': '0',
    ...more,
  })
}

describe('wrong configurations', () => {
  it.each<[string, string, string]>([
    ['no PK', 'SELECT * FROM t INCREMENTALMODE=TIMESTAMP', 'expected PK with exactly one column'],
    [
      'a PK that is not selected',
      'SELECT a FROM t PK b INCREMENTALMODE=TIMESTAMP',
      'b, is not selected',
    ],
    ['an unknown mode', 'SELECT * FROM t PK a INCREMENTALMODE=TIMSTAMP', 'found TIMSTAMP'],
    ['left-over text', 'SELECT * FROM t oops', 'expected a clause'],
  ])('%s: 400 with line and column', async (_what, select, text) => {
    worker = await startWorker([], sourceWorker())
    const config = source(`INSERT INTO ${topic} ${select}`)
    const answer = await worker.call('POST', '/connectors', { name, config })
    expect(answer.status).toBe(400)
    expect(answer.json.message).toContain(text)
    expect(answer.json.message).toMatch(/connect\.cassandra\.kcql.* line 1:\d+/)
    const type = encodeURIComponent(config['connector.class']!)
    const path = `/connector-plugins/${type}/config/validate`
    const { json } = await worker.call('PUT', path, config)
    const field = json.configs.find(
      (one: { value: { name: string } }) => one.value.name === 'connect.cassandra.kcql',
    )
    expect(field.value.errors).toEqual([expect.stringContaining(text)])
  })

  it('what only the cluster knows: 400 with the field and the place', async () => {
    await execute('CREATE TABLE ks.t (id int PRIMARY KEY, name text, at timestamp)')
    worker = await startWorker([], sourceWorker())
    const at = 'INCREMENTALMODE=TIMESTAMP'
    const buckets = {
      'connect.cassandra.bucket.timeseries.mode': 'DAY',
      'connect.cassandra.bucket.timeseries.format': 'yyyyMMdd',
    }
    const place = `connect\\.cassandra\\.kcql line 1:\\d+: `
    const cases: [string, Record<string, string>, string][] = [
      [
        'SELECT nam FROM t',
        {},
        `${place}expected a column of .*\\.t \\(id, at, name\\), found nam`,
      ],
      ['SELECT * FROM tt', {}, `${place}expected table "tt"`],
      [
        'SELECT * FROM t',
        { 'connect.cassandra.key.space': 'no' },
        'key\\.space: expected keyspace "no"',
      ],
      [`SELECT * FROM t PK name ${at}`, {}, `${place}PK: expected a column of type timestamp`],
      ['SELECT * FROM t PK at INCREMENTALMODE=TIMEUUID', {}, `${place}PK: .* type timeuuid`],
      ['SELECT * FROM t PK at INCREMENTALMODE=TOKEN', {}, `${place}PK: expected the partition key`],
      ['SELECT * FROM t PK at INCREMENTALMODE=SOLR', {}, `${place}.*needs DSE Search`],
      [
        `SELECT * FROM t PK at ${at}`,
        { 'connect.cassandra.import.allow.filtering': 'false' },
        `${place}.*ALLOW FILTERING`,
      ],
      [
        'SELECT * FROM t PK at INCREMENTALMODE=BUCKETTIMESERIES',
        buckets,
        'bucket\\.timeseries\\.field\\.name: expected a column of .*, found bucket',
      ],
      [
        'SELECT * FROM t PK at INCREMENTALMODE=BUCKETTIMESERIES',
        { ...buckets, 'connect.cassandra.bucket.timeseries.field.name': 'id' },
        'field\\.name: expected a column of type text or ascii, found id int',
      ],
    ]
    for (const [select, more, message] of cases) {
      const config = source(`INSERT INTO ${topic} ${select}`, more)
      const { status, json } = await worker.call('POST', '/connectors', { name, config })
      expect([status, json.message], select).toEqual([400, expect.stringMatching(message)])
    }
    const properties = temporaryFile(
      'worker.properties',
      toProperties(workerSettings(sourceWorker())),
    )
    for (const [select, message] of [
      ['SELECT nam FROM t', 'found nam'],
      ['SELECT * FROM t PK at INCREMENTALMODE=TIMSTAMP', /kcql.* line 1:\d+: .*found TIMSTAMP/s],
    ] as const) {
      const file = temporaryFile(
        'source.properties',
        toProperties(source(`INSERT INTO ${topic} ${select}`)),
      )
      const run = await scamander(['connect-standalone', properties, file])
      expect(run.code, select).toBe(2)
      expect(run.stderr).toMatch(message)
    }
  })

  it('buckets of minutes need a beginning: told by lint, by REST and at the start', async () => {
    await execute('CREATE TABLE ks.m (bucket text, at timestamp, PRIMARY KEY (bucket, at))')
    const config = source(
      `INSERT INTO ${topic} SELECT * FROM m PK at INCREMENTALMODE=BUCKETTIMESERIES`,
      {
        'connect.cassandra.bucket.timeseries.mode': 'MINUTE',
        'connect.cassandra.bucket.timeseries.format': 'yyyyMMddHHmm',
      },
    )
    const told = 'connect.cassandra.initial.offset is required'
    const run = await scamander(['lint', temporaryFile('source.properties', toProperties(config))])
    expect([run.code, run.stdout]).toEqual([2, expect.stringContaining(told)])
    worker = await startWorker([], sourceWorker())
    const { status, json } = await worker.call('POST', '/connectors', { name, config })
    expect([status, json.message]).toEqual([400, expect.stringContaining(told)])
    await worker.stop()
    const early = { ...config, 'connect.cassandra.initial.offset': '2000-01-01 00:00:00.000Z' }
    await expect(startWorker([early], sourceWorker())).rejects.toThrow(
      'connect.cassandra.initial.offset: expected a time at most 2,000,000 buckets (MINUTE) ago',
    )
    worker = undefined
  })
})
