/**
 * What is wrong in the configuration of a classic KCQL sink is told with its place in the KCQL: by
 * REST with 400 and the field, also where only the cluster can tell, by `lint` and by a worker that
 * starts with exit code 2. Spec: cassandra-sink 10.1, 10.4.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CLASSIC_CLASS, classicSettings, traceOf } from '../support/kcql-sink.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import {
  type Settings,
  scamander,
  startWorker,
  type TestWorker,
  temporaryFile,
  toProperties,
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

const classic = (kcql: string, more: Settings = {}) =>
  classicSettings({ name, keyspace, topic }, kcql, more)
const failed = () => traceOf(worker!, name)

/** What the validate call says of one field. */
async function fieldErrors(config: Settings, key: string): Promise<string[]> {
  const type = encodeURIComponent(CLASSIC_CLASS)
  const path = `/connector-plugins/${type}/config/validate`
  const { json } = await worker!.call('PUT', path, config)
  return json.configs.find((one: { value: { name: string } }) => one.value.name === key).value
    .errors
}

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

  it('what only the cluster knows: 400 with the field and the place', async () => {
    await create('id int PRIMARY KEY, name text')
    await keyspace.client.execute(
      `CREATE TABLE ${keyspace.name}.counts (id int PRIMARY KEY, n counter)`,
    )
    worker = await startWorker([])
    const kcql = 'connect.cassandra.kcql'
    const deletes = { 'connect.cassandra.delete.enabled': 'true' }
    const statement = 'connect.cassandra.delete.statement'
    const cases: [string, Settings, string, string][] = [
      ['orders SELECT id, custmer FROM TOPIC', {}, kcql, 'line 1:31: expected a column of'],
      ['orders SELECT name FROM TOPIC', {}, kcql, 'line 1:13: every primary key column'],
      ['order SELECT * FROM TOPIC', {}, kcql, 'line 1:13: expected table "order"'],
      ['counts SELECT * FROM TOPIC', {}, kcql, 'which has counters'],
      [
        'orders SELECT * FROM TOPIC',
        { 'connect.cassandra.key.space': 'nowhere' },
        'connect.cassandra.key.space',
        'expected keyspace "nowhere"',
      ],
      [
        'orders SELECT * FROM TOPIC',
        { ...deletes, [statement]: 'DELETE FROM orders WHERE ident = ?' },
        statement,
        'ident',
      ],
      [
        'orders SELECT * FROM TOPIC',
        { ...deletes, [statement]: 'DELETE FROM orders WHERE id = ? AND name = ?' },
        statement,
        'name',
      ],
    ]
    for (const [text, more, key, message] of cases) {
      const config = classic(`INSERT INTO ${text}`, more)
      const { status, json } = await worker.call('PUT', `/connectors/${name}/config`, config)
      expect([status, json.message], text).toEqual([400, expect.stringContaining(message)])
      expect(json.message).toMatch(
        /^Connector configuration is invalid and contains the following 1 /,
      )
      expect(await fieldErrors(config, key), text).toEqual([expect.stringContaining(message)])
    }
    expect((await worker.call('GET', `/connectors/${name}`)).status).toBe(404)
    const good = classic('INSERT INTO orders SELECT * FROM TOPIC', {
      ...deletes,
      [statement]: 'DELETE FROM orders WHERE id = ?',
    })
    expect(await fieldErrors(good, kcql)).toEqual([])
    expect((await worker.call('PUT', `/connectors/${name}/config`, good)).status).toBe(201)
    // A change is checked as well, and a table that was made meanwhile is there at once.
    const changed = { [kcql]: `INSERT INTO later SELECT * FROM ${topic.name}` }
    expect((await worker.call('PATCH', `/connectors/${name}/config`, changed)).status).toBe(400)
    await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.later (id int PRIMARY KEY)`)
    expect((await worker.call('PATCH', `/connectors/${name}/config`, changed)).status).toBe(200)
  })

  it('a cluster that does not answer refuses nothing, and that is logged', async () => {
    await create('id int PRIMARY KEY')
    worker = await startWorker([])
    const config = classic('INSERT INTO orders SELECT id FROM TOPIC', {
      'connect.cassandra.port': '1',
    })
    expect((await worker.call('PUT', `/connectors/${name}/config`, config)).status).toBe(201)
    expect(worker.logs.join('\n')).toContain(`connector ${name}: its tables are not checked now`)
  })

  it('scamander.validate.cluster=false leaves it to the tasks', async () => {
    await create('id int PRIMARY KEY')
    worker = await startWorker([], { 'scamander.validate.cluster': 'false' })
    const config = classic('INSERT INTO order SELECT * FROM TOPIC')
    expect((await worker.call('PUT', `/connectors/${name}/config`, config)).status).toBe(201)
    expect(await failed()).toContain('connect.cassandra.kcql line 1:13: expected table "order"')
  })
})
