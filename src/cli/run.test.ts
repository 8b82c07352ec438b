// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${name:key} refers to a config provider
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ScamanderError } from '../base/scamander-error.ts'
import { CONFIG_ERRORS } from '../config/index.ts'
import { errorText, exitCodeOf } from './error-text.ts'
import { toLogText } from './log-output.ts'
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

const GOOD = {
  name: 'good',
  'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
  topics: 't',
  'topic.t.ks.tbl.mapping': 'a=key',
}

describe('lint', () => {
  it('tells a clean file apart', async () => {
    const path = file('good.json', JSON.stringify({ name: 'good', config: GOOD }))
    expect(await run('lint', path)).toEqual({
      code: 0,
      stdout: '1 file checked, nothing to complain about\n',
      stderr: '',
    })
  })

  it('tells ten mistakes of a file at once, each with its line', async () => {
    const path = file(
      'bad.properties',
      [
        'name=bad',
        'connector.class=com.datastax.oss.kafka.sink.CassandraSinkConnector',
        'topics=t,lost',
        'tasks.max=zero',
        'contactPoints=10.0.0.1,[x]',
        'port=0',
        'maxConcurrentRequests=many',
        'ignoreErrors=Some',
        'ssl.truststore.path=/no/such/store.jks',
        'topic.t.ks.tbl.mapping=a=key, b=wrong.field',
        'topic.t.ks.tbl.consistencyLevel=MOST',
        'topic.t.ks.tbl.ttl=-2',
        'topic.t.codec.timeZone=Mars/Base',
        'topic.t.ks.tbl.mapings=a=key',
        'value.converter=no.such.Converter',
        'errors.tolerance=some',
        'keyspace=ks',
        '',
      ].join('\n'),
    )
    const { code, stdout } = await run('lint', path)
    expect(code).toBe(2)
    const places = stdout
      .split('\n')
      .filter(line => line.includes(': error: '))
      .map(line => Number(/^[^:]+:(\d+)/.exec(line)?.[1]))
    expect(new Set(places)).toEqual(new Set([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]))
    expect(stdout).toMatch(/bad\.properties:17\S*: warning: .*"keyspace" is ignored/)
    expect(stdout).toMatch(/\n1 file checked, 15 errors, 2 warnings\n$/)
  })

  it('gives findings as JSON', async () => {
    const path = file('json.json', JSON.stringify({ ...GOOD, keyspac: 'x' }, undefined, 1))
    const { code, stdout } = await run('lint', '--json', path)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      errors: 0,
      warnings: 1,
      findings: [
        { kind: 'unknown-key', severity: 'warning', key: 'keyspac', location: { line: 6 } },
      ],
    })
  })

  it('places a mistake in the JSON itself', async () => {
    const path = file('broken.json', '{\n "name": "a"\n "config": {}\n}')
    const { code, stdout } = await run('lint', path)
    expect(code).toBe(2)
    expect(stdout).toMatch(/broken\.json:3:2: error: .*JSON syntax error at line 3, column 2/)
  })

  it('checks the worker, and connectors against it', async () => {
    const worker = file(
      'worker.properties',
      'bootstrap.servers=nowhere\nkey.converter=StringConverter\nvalue.converter=Nothing\n' +
        'connector.client.config.override.policy=None\n',
    )
    const path = file(
      'over.json',
      JSON.stringify({ ...GOOD, 'consumer.override.client.rack': 'r' }),
    )
    const { code, stdout } = await run('lint', '--worker', worker, path)
    expect(code).toBe(2)
    expect(stdout).toMatch(/worker\.properties:1\S*: error: bootstrap\.servers: expected host:port/)
    expect(stdout).toMatch(
      /worker\.properties:3\S*: error: .*value\.converter: Class Nothing could/,
    )
    expect(stdout).toMatch(/error: .*offset\.storage\.file\.filename/)
    expect(stdout).toMatch(
      /over\.json\S*: error: .*The 'None' policy does not allow 'client\.rack'/,
    )
  })

  it('takes a worker file for one', async () => {
    const path = file('w.properties', 'bootstrap.servers=a:1\nlisteners=http://:1\n')
    const { stdout } = await run('lint', path)
    expect(stdout).toContain('"key.converter"')
    expect(stdout).not.toContain('connector.class')
  })

  it('tells a missing file', async () => {
    const { code, stdout } = await run('lint', join(folder, 'none.json'))
    expect([code, stdout]).toEqual([
      2,
      expect.stringMatching(/none\.json: error: .*does not exist/),
    ])
  })

  it('never shows what a provider gives', async () => {
    process.env['SCAMANDER_TEST_SECRET'] = 'hush-hush'
    const path = file(
      'secret.json',
      JSON.stringify({ ...GOOD, port: '${env:SCAMANDER_TEST_SECRET}' }),
    )
    const { code, stdout } = await run('lint', path)
    delete process.env['SCAMANDER_TEST_SECRET']
    expect(code).toBe(2)
    expect(stdout).toContain('Invalid value [hidden] for configuration port')
    expect(stdout).not.toContain('hush')
  })
})

describe('usage', () => {
  it.each([
    [[], 1, /Usage: scamander/],
    [['--help'], 0, /connect-standalone.*\n[\s\S]*lint/],
    [['help', 'lint'], 0, /Examples:\n {2}\$ scamander lint/],
    [['help', 'cdc', 'dump'], 0, /Usage: scamander cdc dump /],
    [['advrep', 'help', 'channel', 'create'], 0, /Usage: scamander advrep channel create /],
    [['connect-standalone', '--help'], 0, /worker\.properties/],
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    [['connect-standalone'], 1, /missing required argument 'worker\.properties'/],
    [['lnt'], 1, /unknown command 'lnt'/],
    [['lint', '--wrong', 'a'], 1, /unknown option '--wrong'/],
    [['sandbox', 'up', '--nodes', 'x'], 1, /Expected a whole number/],
    [['help-config', 'cassandra-snk'], 2, /expected "cassandra-sink"\?, found cassandra-snk/],
    [['completion', 'tcsh'], 1, /Allowed choices are bash, zsh, fish/],
  ])('%j ends with %d', async (args, code, text) => {
    const result = await run(...args)
    expect(result.stdout + result.stderr).toMatch(text)
    expect(result.code).toBe(code)
  })

  it('a worker file that is missing ends with 2, and no stack', async () => {
    const { code, stderr } = await run('connect-standalone', join(folder, 'no.properties'))
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: .*no\.properties does not exist/s)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it("options of Kafka's script are left out with a note", async () => {
    const { code, stderr } = await run(
      'connect-standalone',
      '-daemon',
      '-name',
      'x',
      join(folder, 'no'),
    )
    expect(code).toBe(2)
    expect(stderr).toMatch(/^note: -daemon is ignored.*\nnote: -name is ignored.*\nerror: /)
  })

  it.each([
    [['advrep', 'channel', 'delete'], 2],
    [['dse', 'advrep', 'channel', 'status', '--unknown'], 2],
    [['cdc', 'dump'], 2],
    [['cdc-agent', '--read-policy', 'quick'], 2],
    [['migrate', '--unknown'], 3],
  ])('wrong usage of %j ends with %d', async (args, code) => {
    expect((await run(...args)).code).toBe(code)
  })

  it('help-config lists components and explains one', async () => {
    expect((await run('help-config')).stdout).toMatch(/^cassandra-sink +\S/m)
    expect((await run('help-config', 'JsonConverter')).stdout).toContain('schemas.enable')
  })

  it.each([
    ['bash', /complete -o filenames -F _scamander scamander/],
    ['zsh', /bashcompinit/],
    ['fish', /complete -c scamander -n '__fish_use_subcommand' -a 'lint'/],
  ])('completes in %s', async (shell, text) => {
    const { stdout } = await run('completion', shell)
    expect(stdout).toMatch(text)
    expect(stdout).toContain('connect-standalone')
    expect(stdout).toContain('once')
  })
})

describe('errors', () => {
  it.each([
    ['config', 2],
    ['request', 2],
    ['data', 3],
    ['retriable', 4],
    ['disconnected', 4],
    ['fatal', 1],
    ['cancelled', 130],
  ] as const)('of kind %s end with %d', (kind, code) => {
    const declaration = { ...CONFIG_ERRORS.INVALID, kind }
    expect(exitCodeOf(new ScamanderError(declaration, 'x'))).toBe(code)
  })

  it('show a stack only when debugging', () => {
    const error = new ScamanderError(CONFIG_ERRORS.SYNTAX, 'bad', { cause: new Error('deep') })
    expect(errorText(error, false)).toBe(
      `error: bad\n${CONFIG_ERRORS.SYNTAX.advice} [SCM_CONFIG_SYNTAX]\n`,
    )
    expect(errorText(error, true)).toMatch(/bad\n\s+at .*caused by: Error: deep/s)
    expect(errorText(new TypeError('odd'), false)).toMatch(/^error: odd\n/)
  })
})

it('writes log lines for people', () => {
  const line = {
    time: '2026-01-02T03:04:05.678Z',
    level: 'warn',
    room: 'connect',
    connector: 's',
    task: 0,
    msg: 'it is slow',
    code: 'SCM_X',
  }
  expect(toLogText(line)).toBe('03:04:05.678 WARN  s/0 it is slow  code=SCM_X')
})
