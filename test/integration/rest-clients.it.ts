/**
 * The client commands against a running worker: `scamander connect` from files to offsets, and
 * `scamander dlq` from a broken record to its replay, to the topic and through the connector.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/cli/index.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import {
  send,
  sinkSettings,
  startWorker,
  type TestWorker,
  temporaryFile,
  toProperties,
  until,
  workerSettings,
} from '../support/standalone.ts'
import { type TestTopic, testKafka, testTopic } from '../support/topic.ts'

let keyspace: TestKeyspace
let topic: TestTopic
let worker: TestWorker
let name: string
let config: Record<string, string>

const JSON_CONVERTER = {
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
}

beforeEach(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic(1)
  name = `cli-${randomBytes(3).toString('hex')}`
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kv (k text PRIMARY KEY, v int)`)
  config = sinkSettings(name, topic.name, {
    ...JSON_CONVERTER,
    [`topic.${topic.name}.${keyspace.name}.kv.mapping`]: 'k=key, v=value.v',
  })
  worker = await startWorker([])
})
afterEach(async () => {
  await worker.stop()
  await topic.drop()
  await keyspace.drop()
})

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(...args: readonly string[]): Promise<Run> {
  let out = ''
  let err = ''
  const code = await runCli(args, {
    out: text => {
      out += text
    },
    err: text => {
      err += text
    },
  })
  return { code, out, err }
}

const connect = (...args: readonly string[]) => run('connect', '--url', worker.url, ...args)
const json = async (...args: readonly string[]) =>
  JSON.parse((await connect('--json', ...args)).out)

const rows = async () => {
  const { rows: found } = await keyspace.client.execute(`SELECT k, v FROM ${keyspace.name}.kv`)
  return found.map(row => `${row['k']}=${row['v']}`).sort()
}
const becomes = (state: string) =>
  until(`${name} ${state}`, async () => {
    const [status] = await json('status', name)
    const all = [status.connector, ...status.tasks].map((one: { state: string }) => one.state)
    return all.every(one => one === state)
  })

describe('scamander connect', () => {
  it('creates, applies, shows and compares files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scamander-apply-'))
    const write = (settings: object) =>
      writeFileSync(join(folder, 'sink.json'), JSON.stringify({ name, config: settings }))
    write({ ...config, 'auth.username': 'u', 'auth.password': 'pw-1' })
    expect(await connect('list')).toMatchObject({ code: 0, out: expect.stringMatching(/^NAME/) })
    const dry = await connect('apply', '-f', folder, '--dry-run')
    expect(dry.out).toBe(`${name} would be created\n`)
    expect(await json('list')).toEqual({})

    expect((await connect('apply', '-f', folder)).out).toBe(`${name} created\n`)
    const again = await connect('apply', '-f', folder)
    expect(again.out).toBe(
      `${name} unchanged\n  secrets are not compared (auth.password): --force sends them\n`,
    )
    expect(again.out + again.err).not.toContain('pw-1')
    write({ ...config, 'tasks.max': '2', 'auth.username': 'u', 'auth.password': 'pw-1' })
    const diff = await connect('diff', '-f', folder, '--exit-code')
    expect([diff.code, diff.out]).toEqual([1, `${name}:\n  + tasks.max=2\n`])
    expect((await connect('apply', '-f', folder)).out).toBe(`${name} changed\n  + tasks.max=2\n`)
    expect((await connect('diff', '-f', folder, '--exit-code')).code).toBe(0)
    expect(JSON.parse((await connect('config', name)).out)).toMatchObject({
      'tasks.max': '2',
      'auth.password': '[hidden]',
    })
    const taken = await connect('create', '-f', folder)
    expect([taken.code, taken.err]).toEqual([2, expect.stringContaining('already exists')])

    write({ ...config, 'tasks.max': 'many' })
    const checked = await connect('validate', '-f', folder)
    expect([checked.code, checked.out]).toEqual([
      2,
      expect.stringContaining('tasks.max: Invalid value many'),
    ])
    const refused = await connect('apply', '-f', folder)
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('Not a number')])
  })

  it('pauses, resumes, stops, restarts, moves offsets and deletes', async () => {
    await worker.call('PUT', `/connectors/${name}/config`, config)
    await becomes('RUNNING')
    await send(topic.name, [
      { key: 'a', value: '{"v":1}' },
      { key: 'b', value: '{"v":2}' },
    ])
    await until('2 rows', async () => (await rows()).length === 2)
    expect((await connect('topics', name)).out).toBe(`TOPIC\n${topic.name}\n`)
    expect((await connect('topics', name, '--reset')).code).toBe(0)
    expect(await json('topics', name)).toEqual({ [name]: { topics: [] } })

    for (const [command, state] of [
      ['pause', 'PAUSED'],
      ['resume', 'RUNNING'],
    ] as const) {
      expect((await connect(command, name)).code).toBe(0)
      await becomes(state)
    }
    expect((await connect('restart', name, '--tasks')).out).toBe(`${name} restarted\n`)
    await becomes('RUNNING')
    const running = await connect('offsets', 'reset', name)
    expect([running.code, running.err]).toEqual([2, expect.stringContaining('STOPPED state')])
    expect((await connect('stop', name)).code).toBe(0)
    expect((await connect('offsets', 'get', name)).out).toContain(`${topic.name}/0  2`)

    await keyspace.client.execute(`TRUNCATE ${keyspace.name}.kv`)
    const place = ['--topic', topic.name, '--partition', '0']
    const set = await connect('offsets', 'set', name, ...place, '--offset', '1')
    expect([set.code, set.out]).toEqual([0, expect.stringContaining('altered successfully')])
    await connect('resume', name)
    await until('the second row again', async () => (await rows()).join() === 'b=2')
    await connect('stop', name)
    expect((await connect('offsets', 'reset', name)).code).toBe(0)
    expect(await json('offsets', 'get', name)).toEqual({ offsets: [] })
    await connect('resume', name)
    await until('both rows again', async () => (await rows()).join() === 'a=1,b=2')

    expect((await connect('delete', name)).out).toBe(`${name} deleted\n`)
    const gone = await connect('status', name)
    expect([gone.code, gone.err]).toEqual([2, expect.stringContaining('No status found')])
  })

  it('lists plugins, sets loggers, and tells who does not answer or does not know it', async () => {
    expect((await connect('plugins')).out).toContain('CassandraSinkConnector')
    expect(await json('plugins', '--all')).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: 'transformation' })]),
    )
    const set = await connect('loggers', 'scamander.server', 'debug')
    expect(set.out).toBe('scamander.server: DEBUG\n')
    expect((await connect('loggers', 'scamander.server')).out).toMatch(/scamander\.server +DEBUG/)
    const none = await run('connect', '--url', 'http://127.0.0.1:18999', 'list')
    expect([none.code, none.err]).toEqual([4, expect.stringContaining('ECONNREFUSED')])
    const login = await run('connect', '--url', 'http://u:p@127.0.0.1:1', 'list')
    expect([login.code, login.err]).toEqual([2, expect.not.stringContaining('u:p')])
    await worker.stop()
    worker = await startWorker([], { 'scamander.rest.token': 'tok-1' })
    expect(await connect('list')).toMatchObject({
      code: 2,
      err: expect.stringContaining('SCAMANDER_TOKEN'),
    })
    process.env['SCAMANDER_TOKEN'] = 'tok-1'
    try {
      expect((await connect('list')).code).toBe(0)
    } finally {
      delete process.env['SCAMANDER_TOKEN']
    }
  })
})

describe('scamander dlq', () => {
  const KAFKA = ['--bootstrap-server', testKafka().bootstrapServers]
  const dlq = (command: string, ...args: readonly string[]) =>
    run('dlq', command, ...KAFKA, ...args)
  const letters = () => `${topic.name}-dlq`

  beforeEach(async () => {
    config = {
      ...config,
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': letters(),
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
    }
    await worker.call('PUT', `/connectors/${name}/config`, config)
    await send(topic.name, [
      { key: 'good', value: '{"v":1}' },
      { key: 'broken', value: '{"v":', headers: { mine: 'x' } },
      { key: 'wide', value: '{"v":"not a number"}' },
    ])
    await until('the good row', async () => (await rows()).length === 1)
    await until('2 letters', async () => {
      const { out } = await run('dlq', 'list', '--json', '--url', worker.url, ...KAFKA)
      return JSON.parse(out)[0]?.letters === 2
    })
  })

  it('shows letters without their contents, unless they are asked for', async () => {
    const shown = await dlq('show', letters())
    expect(shown.code).toBe(0)
    expect(shown.out).toMatch(new RegExp(`0/0 +${topic.name}/0/1 .* ${name} +VALUE_CONVERTER`))
    expect(shown.out).toMatch(/0\/1 .* TASK_PUT/)
    expect(shown.out).not.toContain('broken')
    const put = await dlq('show', letters(), '--stage', 'TASK_PUT', '--json')
    expect(JSON.parse(put.out)).toEqual([
      expect.objectContaining({
        origin: { topic: topic.name, partition: 0, offset: 2 },
        connector: name,
        stage: 'TASK_PUT',
        replayCount: 0,
      }),
    ])
    const values = await dlq('show', letters(), '--limit', '1', '--dangerous-show-values')
    expect(values.out).toContain('{"v":')
    const none = await dlq('show', `${letters()}-none`)
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('there is no topic')])
  })

  it('replays to the topic, where they left off, and not for ever', async () => {
    const dry = await dlq('replay', letters(), '--dry-run')
    expect(dry.out).toBe(`2 of 2 letters would be replayed\n  ${topic.name}: 2\n`)
    expect((await dlq('replay', letters(), '--limit', '1')).out).toMatch(/^1 of 1 letters/)
    expect((await dlq('replay', letters(), '--stage', 'TASK_PUT', '--dry-run')).out).toMatch(
      /^1 of \d letters would be replayed\n\d are not meant/,
    )
    // Repaired meanwhile: text goes in now. The broken one fails again and comes back.
    await until('the letter to come back', async () => {
      const { out } = await dlq('show', letters(), '--json')
      return JSON.parse(out).some((one: { replayCount: number }) => one.replayCount === 1)
    })
    const [, , back] = JSON.parse((await dlq('show', letters(), '--json')).out)
    expect(back).toMatchObject({ origin: { topic: topic.name, offset: 3 }, replayCount: 1 })
    const capped = await dlq('replay', letters(), '--max-replays', '1')
    expect(capped.out).toMatch(/^1 of 2 letters replayed\n1 were replayed too often already\n/)
    const done = await dlq('replay', letters(), '--max-replays', '1')
    expect(done.out).toMatch(/^0 of /)
  })

  it('replays through the connector alone, and stops at a letter that fails again', async () => {
    const file = temporaryFile('sink.json', JSON.stringify({ name, config }))
    const properties = temporaryFile('worker.properties', toProperties(workerSettings()))
    const through = ['--through', file, '--worker', properties]
    const failed = await dlq('replay', letters(), ...through)
    expect([failed.code, failed.err]).toEqual([1, expect.stringContaining('SCM_PIPELINE_')])
    expect(await rows()).toEqual(['good=1'])
    // The second letter alone, into a table that takes it.
    await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kt (k text PRIMARY KEY, v text)`)
    const key = `topic.${topic.name}.${keyspace.name}`
    const { [`${key}.kv.mapping`]: _, ...rest } = config
    const repaired = { ...rest, [`${key}.kt.mapping`]: 'k=key, v=value.v' }
    const second = temporaryFile('sink.json', JSON.stringify({ name, config: repaired }))
    const args = ['--through', second, '--worker', properties, '--stage', 'TASK_PUT']
    const done = await dlq('replay', letters(), ...args)
    expect([done.code, done.out]).toEqual([
      0,
      '1 of 2 letters replayed\n1 are not meant by the filter\n',
    ])
    const { rows: found } = await keyspace.client.execute(`SELECT * FROM ${keyspace.name}.kt`)
    expect(found.map(row => [row['k'], row['v']])).toEqual([['wide', 'not a number']])
    expect((await dlq('replay', letters(), ...args)).out).toMatch(/^0 of /)
  })
})
