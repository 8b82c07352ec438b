/**
 * What is wrong in the configuration of a classic KCQL sink is told with its place in the KCQL: by
 * REST with 400 and the field, by `lint` and by a worker that starts with exit code 2, and in the
 * trace of the task where only the cluster can tell. Spec: cassandra-sink 10.1, 10.4.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CLASSIC_CLASS, classicSettings, traceOf } from '../support/kcql-sink.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import {
  scamander,
  startWorker,
  type TestWorker,
  temporaryFile,
  toProperties,
  until,
  workerSettings,
} from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'

let keyspace: TestKeyspace
let topic: TestTopic
let worker: TestWorker | undefined
let name: string

beforeEach(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic()
  name = `kcql-${randomBytes(4).toString('hex')}`
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await topic.drop()
  await keyspace.drop()
})

const classic = (kcql: string) => classicSettings({ name, keyspace, topic }, kcql)
const failed = () => traceOf(worker!, name)

async function create(columns: string): Promise<void> {
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.orders (${columns})`)
}

describe('mistakes', () => {
  it('REST answers 400 with the place in the KCQL; the command ends with 2', async () => {
    await create('id int PRIMARY KEY')
    worker = await startWorker([])
    const config = classic('INSERT INTO orders SELECT id FORM TOPIC')
    const answer = await worker.call('POST', '/connectors', { name, config })
    expect(answer.status).toBe(400)
    expect(answer.json.message).toContain('connect.cassandra.kcql')
    expect(answer.json.message).toContain('line 1:30: expected FROM')
    expect(answer.json.message).toContain('did you mean FROM?')
    const type = encodeURIComponent(CLASSIC_CLASS)
    const path = `/connector-plugins/${type}/config/validate`
    const { json } = await worker.call('PUT', path, config)
    const field = json.configs.find(
      (one: { value: { name: string } }) => one.value.name === 'connect.cassandra.kcql',
    )
    expect(field.value.errors[0]).toContain('line 1:30')
    const run = await scamander(['lint', temporaryFile('bad.properties', toProperties(config))])
    expect(run.code).toBe(2)
    expect(run.stdout).toContain('did you mean FROM?')
  })

  it.each([
    ['SELECT id, custmer FROM TOPIC', 'line 1:31: expected a column of', 'found custmer'],
    ['SELECT name FROM TOPIC', 'line 1:13: every primary key column', 'are not: id'],
  ])('start errors have the place: %s', async (select, place, found) => {
    await create('id int PRIMARY KEY, name text')
    worker = await startWorker([])
    const config = classic(`INSERT INTO orders ${select}`)
    await worker.call('PUT', `/connectors/${name}/config`, config)
    const trace = await failed()
    expect(trace).toContain(place)
    expect(trace).toContain(found)
  })

  it.each([
    ['SELECT id FORM TOPIC', 'line 1:30: expected FROM'],
    ['SELECT id, custmer FROM TOPIC', 'line 1:31: expected a column of'],
    ['SELECT name FROM TOPIC', 'line 1:13: every primary key column'],
  ])('a worker that starts with it ends with 2: %s', async (select, place) => {
    await create('id int PRIMARY KEY, name text')
    const config = classic(`INSERT INTO orders ${select}`)
    const file = temporaryFile('sink.properties', toProperties(config))
    const properties = temporaryFile('worker.properties', toProperties(workerSettings()))
    const run = await scamander(['connect-standalone', properties, file])
    expect(run.stderr).toContain(place)
    expect(run.code).toBe(2)
  })

  it('a table or keyspace that is not there, and counters', async () => {
    await keyspace.client.execute(
      `CREATE TABLE ${keyspace.name}.counts (id int PRIMARY KEY, n counter)`,
    )
    worker = await startWorker([])
    for (const [table, message] of [
      ['order', 'expected table "order"'],
      ['counts', 'which has counters'],
    ]) {
      const config = classic(`INSERT INTO ${table} SELECT * FROM TOPIC`)
      await worker.call('PUT', `/connectors/${name}/config`, config)
      expect(
        await until('its trace', async () => {
          const trace = await failed()
          return trace.includes(message!) ? trace : undefined
        }),
      ).toContain('connect.cassandra.kcql line 1:13')
    }
  })
})
