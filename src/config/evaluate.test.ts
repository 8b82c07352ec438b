import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  booleanField,
  ConfigError,
  defineConfig,
  durationField,
  enumField,
  formatLint,
  indexedListField,
  intField,
  jsonSchema,
  lintConfig,
  listField,
  parseConfig,
  parseDurationMs,
  passwordField,
  patternField,
  range,
  readProperties,
  redact,
  renderDocs,
  renderHelp,
  type Secret,
  type SettingsOf,
  sourceOf,
  stringField,
  validateConfig,
} from './index.ts'

const config = defineConfig(
  'example',
  {
    hosts: listField('hosts', {
      doc: 'Hosts.',
      group: 'Connection',
      importance: 'high',
      default: [],
    }),
    port: intField('port', {
      doc: 'Port.',
      group: 'Connection',
      validator: range({ min: 1, max: 65535 }),
      default: 9042,
    }),
    seconds: intField('timeout', {
      doc: 'Timeout.',
      group: 'Connection',
      unit: 'seconds',
      aliases: [
        {
          key: 'driver.timeout',
          parse: text => {
            const parsed = parseDurationMs(text)
            return 'value' in parsed ? { value: parsed.value / 1000 } : parsed
          },
        },
      ],
      default: 30,
    }),
    mode: enumField('mode', ['none', 'all'], { doc: 'Mode.', default: 'none' }),
    password: passwordField('auth.password', { doc: 'Password.', group: 'Login' }),
    user: stringField('auth.user', { doc: 'User.', group: 'Login' }),
    old: booleanField('old.key', {
      doc: 'Old.',
      deprecated: { replacement: 'mode' },
      default: false,
    }),
    useless: durationField('useless', { doc: 'No.', noEffect: 'nothing reads it', default: 0 }),
    points: indexedListField('points', { doc: 'Points.', default: [] }),
    target: stringField('target', { doc: 'Target.', required: true, examples: ['a.b'] }),
    ttl: patternField('topic.<topic>.ttl', intField('ttl', { doc: 'TTL.', group: 'Topic' })),
    rest: patternField('raw.<path*>', stringField('raw', { doc: 'Raw.' })),
  },
  {
    summary: 'An example.',
    description: 'For tests.',
    crossChecks: [
      (settings, context) => {
        if (settings.password === undefined || settings.user !== undefined) return
        context.report({ key: 'auth.user', kind: 'missing', message: 'auth.user is missing' })
      },
    ],
  },
)
type Example = SettingsOf<typeof config>

describe('parseConfig', () => {
  it('gives typed settings with defaults', () => {
    const { settings, warnings } = parseConfig(config, sourceOf({ target: ' t ', hosts: 'a , b' }))
    const typed: Example = settings
    const hosts: readonly string[] = typed.hosts
    const mode: 'none' | 'all' = typed.mode
    const password: Secret | undefined = typed.password
    expect([hosts, mode, password, typed.port, typed.target]).toEqual([
      ['a', 'b'],
      'none',
      undefined,
      9042,
      't',
    ])
    expect(warnings).toEqual([])
  })

  it('reads aliases in their own form; the own key wins', () => {
    const of = (entries: Record<string, string>) =>
      parseConfig(config, sourceOf({ target: 't', ...entries }))
    expect(of({ 'driver.timeout': '500ms' }).settings.seconds).toBe(0.5)
    const both = of({ 'driver.timeout': '500ms', timeout: '7' })
    expect(both.settings.seconds).toBe(7)
    expect(both.warnings).toMatchObject([{ kind: 'no-effect', key: 'driver.timeout' }])
  })

  it('collects indexed lists in order of the index', () => {
    const source = sourceOf({ target: 't', 'points.10': 'c', 'points.0': 'a', 'points.2': 'b' })
    const { settings, warnings } = parseConfig(config, source)
    expect(settings.points).toEqual(['a', 'b', 'c'])
    expect(warnings).toEqual([])
  })

  it('gives every key of a pattern with its parts', () => {
    const source = sourceOf({ target: 't', 'topic.a.ttl': '1', 'topic.b.ttl': '2', 'raw.x.y': 'z' })
    const { settings } = parseConfig(config, source)
    expect(settings.ttl).toEqual([
      { key: 'topic.a.ttl', parts: { topic: 'a' }, value: 1 },
      { key: 'topic.b.ttl', parts: { topic: 'b' }, value: 2 },
    ])
    expect(settings.rest[0]?.parts['path']).toBe('x.y')
  })

  it('reports all problems in one error, each with its place', () => {
    const text = 'port=0\nmode=some\ntimeout=x\ntopic.a.ttl=1.5\nauth.password=PLANTED\nold.key=2'
    let error: unknown
    try {
      parseConfig(config, readProperties(text, 'w.properties'))
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(ConfigError)
    const { problems, kind, message } = error as ConfigError
    expect(kind).toBe('config')
    expect(problems.map(({ key, kind: what, message: text }) => [key, what, text])).toEqual([
      ['port', 'out-of-range', 'Invalid value 0 for configuration port: Value must be at least 1'],
      [
        'mode',
        'invalid',
        'Invalid value some for configuration mode: String must be one of: none, all',
      ],
      [
        'timeout',
        'wrong-type',
        'Invalid value x for configuration timeout: Not a number of type INT',
      ],
      [
        'topic.a.ttl',
        'wrong-type',
        'Invalid value 1.5 for configuration topic.a.ttl: Not a number of type INT',
      ],
      [
        'old.key',
        'wrong-type',
        'Invalid value 2 for configuration old.key: Expected value to be either true or false',
      ],
      ['auth.user', 'missing', 'auth.user is missing'],
      ['target', 'missing', 'Missing required configuration "target" which has no default value.'],
    ])
    expect(problems[1]?.location).toEqual({ file: 'w.properties', line: 2, column: 1 })
    expect(message).toContain('w.properties: 7 problems')
    expect(message).not.toContain('PLANTED')
  })
})

describe('lintConfig', () => {
  it('names unknown, deprecated and useless keys', () => {
    const source = readProperties('target=t\nprot=1\nold.key=true\nuseless=1 s\nzzz=1')
    const lints = lintConfig(config, source)
    expect(lints.map(lint => [lint.kind, lint.severity, lint.key, lint.location?.line])).toEqual([
      ['unknown-key', 'warning', 'prot', 2],
      ['deprecated', 'warning', 'old.key', 3],
      ['no-effect', 'warning', 'useless', 4],
      ['unknown-key', 'warning', 'zzz', 5],
    ])
    expect(lints[0]?.message).toContain('did you mean "port"?')
    expect(lints[3]?.message).not.toContain('did you mean')
  })

  it('leaves foreign keys alone', () => {
    const source = sourceOf({ target: 't', topics: 'x' })
    expect(lintConfig(config, source, { isForeignKey: key => key === 'topics' })).toEqual([])
  })

  it('hides what a provider supplied', () => {
    const entries = new Map([
      ['target', { value: 't' }],
      ['port', { value: 'PLANTED', hidden: true }],
      ['mode', { value: 'PLANTED', hidden: true }],
    ])
    const text = lintConfig(config, { entries, lints: [] }).map(formatLint).join('\n')
    expect(text).toContain('Invalid value [hidden] for configuration port')
    expect(text).not.toContain('PLANTED')
  })
})

describe('validateConfig', () => {
  it('answers in the shape of the REST API', () => {
    const source = sourceOf({ port: 'x', 'auth.password': 'PLANTED', 'topic.a.ttl': '5' })
    const infos = validateConfig(config, source)
    const info = (name: string) =>
      infos.configs.find(one => (one.value?.name ?? one.definition?.name) === name)
    expect(infos.groups).toEqual(['Connection', 'Login', 'Topic'])
    expect(info('port')).toEqual({
      definition: {
        name: 'port',
        type: 'INT',
        required: false,
        default_value: '9042',
        importance: 'MEDIUM',
        documentation: 'Port.',
        group: 'Connection',
        width: 'SHORT',
        display_name: 'port',
        dependents: [],
        order: 2,
      },
      value: {
        name: 'port',
        value: null,
        recommended_values: [],
        errors: [
          'Invalid value x for configuration port: Not a number of type INT',
          'Invalid value null for configuration port: Value must be non-null',
        ],
        visible: true,
      },
    })
    expect(info('auth.password')?.value?.value).toBe('[hidden]')
    expect(info('mode')?.definition).toMatchObject({ group: null, order: -1 })
    expect(info('mode')?.value?.recommended_values).toEqual(['none', 'all'])
    expect(info('topic.a.ttl')?.value?.value).toBe('5')
    expect(info('target')?.value?.errors).toEqual([
      'Missing required configuration "target" which has no default value.',
    ])
    expect(infos.error_count).toBe(4)
    expect(JSON.stringify(infos)).not.toContain('PLANTED')
  })
})

describe('derived texts', () => {
  it('documents every field, patterns included', () => {
    const page = renderDocs(config)
    expect(page).toContain('| `port` | INT | `9042` | Port. Valid: ≥ 1 and ≤ 65535. |')
    expect(page).toContain('| `target` | STRING | **required** | Target. Example: `a.b`. |')
    expect(page).toContain('`topic.<topic>.ttl`')
    expect(page).toContain('Same as `driver.timeout`.')
    expect(renderHelp(config)).toContain(
      '  timeout  (INT, default 30)\n      Timeout. Unit: seconds.',
    )
  })

  it('gives a JSON schema', () => {
    const schema = jsonSchema(config) as Record<string, Record<string, object>>
    expect(schema['required']).toEqual(['target'])
    expect(schema['properties']?.['port']).toMatchObject({ minimum: 1, maximum: 65535 })
    expect(schema['properties']?.['mode']).toMatchObject({ enum: ['none', 'all'] })
    const [pattern] = Object.keys(schema['patternProperties'] ?? {})
    expect(new RegExp(pattern!).test('topic.a.ttl')).toBe(true)
  })

  it('redacts passwords, keys that say secret and inline key material', () => {
    const settings = {
      'auth.password': 'PLANTED',
      'raw.sasl.jaas.config': 'PLANTED',
      target: 'base64:PLANTED',
      'auth.user': 'u',
      'raw.secret': `\${env:X}`,
    }
    expect(redact([config], settings)).toEqual({
      'auth.password': '[hidden]',
      'raw.sasl.jaas.config': '[hidden]',
      target: '[hidden]',
      'auth.user': 'u',
      'raw.secret': `\${env:X}`,
    })
  })

  it.each([
    ['auth.pasword', '[hidden]'],
    ['Auth_Password', '[hidden]'],
    ['my.db.Passwd', '[hidden]'],
    ['dbPwd', '[hidden]'],
    ['x.TOKEN.y', '[hidden]'],
    ['raw.sasl.passwrod', '[hidden]'],
    ['storePasswort', '[hidden]'],
    ['auth.usre', 'PLANTED'],
    ['passenger.count', 'PLANTED'],
    ['my.server', 'PLANTED'],
  ])('redacts %s: %s', (key, shown) => {
    expect(redact([config], { [key]: 'PLANTED' })).toEqual({ [key]: shown })
  })

  it('never prints a secret', () => {
    const source = sourceOf({ target: 't', 'auth.user': 'u', 'auth.password': 'PLANTED' })
    const { settings } = parseConfig(config, source)
    const printed = [
      `${settings.password}`,
      JSON.stringify(settings),
      inspect(settings, { depth: 9, showHidden: true }),
      String(settings.password),
    ]
    for (const text of printed) expect(text).not.toContain('PLANTED')
    expect(settings.password?.reveal()).toBe('PLANTED')
  })
})
