import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readProperties, toRecord } from '../config/index.ts'
import { runCli } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function run(...args: string[]) {
  let stdout = ''
  let stderr = ''
  const code = await runCli(args, {
    out: text => {
      stdout += text
    },
    err: text => {
      stderr += text
    },
  })
  return { code, stdout, stderr }
}

const ORDERS = [
  'name=orders',
  'connector.class=com.datamountaineer.streamreactor.connect.cassandra.sink.CassandraSinkConnector',
  'tasks.max=2',
  'topics=orders-topic',
  'connect.cassandra.export.route.query=INSERT INTO orders SELECT id, created FROM orders-topic',
  'connect.cassandra.key.space=demo',
  'connect.cassandra.local.dc=dc1',
  'value.converter=org.apache.kafka.connect.json.JsonConverter',
  '',
].join('\n')

describe('convert config', () => {
  it('keeps the keys of the framework and the form of the file', async () => {
    const path = file('orders.properties', ORDERS)
    const { code, stdout, stderr } = await run('convert', 'config', path, '--to', 'datastax')
    expect(code).toBe(0)
    expect(stderr).toMatch(/^differs: connect\.cassandra\.kcql: .*\n$/)
    expect(toRecord(readProperties(stdout))).toMatchObject({
      name: 'orders',
      'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
      'tasks.max': '2',
      topics: 'orders-topic',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'topic.orders-topic.demo.orders.mapping': 'id=value.id, created=value.created',
    })
    const converted = file('converted.properties', stdout)
    expect((await run('lint', converted)).code).toBe(0)
  })

  it('reads and writes JSON; the result is clean', async () => {
    const config = {
      'connector.class': 'CassandraSinkConnector',
      topics: 'users',
      contactPoints: '10.0.0.1',
      'loadBalancing.localDc': 'dc1',
      'topic.users.ks.t.mapping': 'id=key, name=value.name',
    }
    const path = file('users.json', JSON.stringify({ name: 'users', config }))
    const { code, stdout, stderr } = await run('convert', 'config', path, '--to', 'kcql')
    expect([code, stderr]).toEqual([0, ''])
    const written = JSON.parse(stdout)
    expect(written.name).toBe('users')
    expect(written.config['connect.cassandra.kcql']).toBe(
      'INSERT INTO ks.t SELECT _key AS id, name FROM users',
    )
    const lint = await run('lint', file('converted.json', stdout))
    expect(lint.stdout).toBe('1 file checked, nothing to complain about\n')
  })

  it('ends with 2 when something has no equivalent, and tells it', async () => {
    const text = ORDERS.replace('id, created', '*').replace('demo\n', 'demo\nmy.key=1\n')
    const path = file('lost.properties', text)
    const { code, stderr } = await run('convert', 'config', path, '--to', 'datastax')
    expect(code).toBe(2)
    expect(stderr).toContain('no equivalent: connect.cassandra.kcql line 1:27: ')
    expect(stderr).toContain('no equivalent: my.key: the key is not known')
  })

  it.each([
    [ORDERS.replace('FROM', 'FORM'), 'did you mean FROM?'],
    [
      'name=x\nconnector.class=org.example.Sink\n',
      'expected a Cassandra sink, found org.example.Sink',
    ],
    ['name=x\n', 'expected a Cassandra sink, found none'],
  ])('ends with 2 for a file that it cannot convert', async (text, message) => {
    const path = file('bad.properties', text)
    const { code, stdout, stderr } = await run('convert', 'config', path, '--to', 'kcql')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })
})

describe('lint --explain', () => {
  it('tells what each key means, old spellings with their successor', async () => {
    const path = file('orders.properties', ORDERS)
    const { code, stdout } = await run('lint', '--explain', path)
    expect(code).toBe(0)
    expect(stdout).toContain('Use "connect.cassandra.kcql" instead.')
    expect(stdout).toContain(
      'connect.cassandra.export.route.query (STRING; old spelling of connect.cassandra.kcql)\n    What goes where',
    )
    expect(stdout).toContain('tasks.max (INT, default 1)')
    const json = JSON.parse((await run('lint', '--explain', '--json', path)).stdout)
    expect(json.explained.map((one: { key: string }) => one.key)).toEqual(
      Object.keys(toRecord(readProperties(ORDERS))),
    )
  })

  it('a short class name means the dialect whose keys are set', async () => {
    const short = ORDERS.replace(/connector\.class=.*/, 'connector.class=CassandraSinkConnector')
    expect((await run('lint', file('short.properties', short))).stdout).toContain('0 errors')
    const both = `${short}contactPoints=10.0.0.1\n`
    const { code, stderr } = await run('lint', file('both.properties', both))
    expect(code).toBe(2)
    expect(stderr).toContain('keys of both are set; give the full name')
  })
})
