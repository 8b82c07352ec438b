/** Framing, ids in headers, subjects, latest versions, and how missing schemas are asked for. */
import { describe, expect, it } from 'vitest'
import { declareErrors, ScamanderError } from '../../base/scamander-error.ts'
import {
  type RegistrySchema,
  Schema,
  SchemaNeeded,
  type SchemaRegistry,
  structSchema,
} from '../../flow/index.ts'
import { AvroCodec } from '../avro/avro-converter.ts'
import { RegistryConverter } from './registry-converter.ts'
import type { WriteRules } from './registry-settings.ts'

const ERRORS = declareErrors('registry_converter_test', {
  MISSING: { kind: 'data', summary: 'missing', advice: 'none' },
  AWAY: { kind: 'retriable', summary: 'away', advice: 'none' },
})
const INT = new Schema('int32')
const RECORD = structSchema([['a', INT]], { name: 'n.R' })
const RULES: WriteRules = {
  isKey: false,
  strategy: 'TopicNameStrategy',
  autoRegister: true,
  useLatest: false,
  latestStrict: true,
  useSchemaId: -1,
  normalize: false,
}

/** Answers from a table and writes down what it was asked. */
class Script implements SchemaRegistry {
  readonly asked: string[] = []
  text = '"int"'
  format: RegistrySchema['format'] = 'AVRO'
  failure: Error | undefined
  compatible = true

  #answer(what: string): RegistrySchema {
    this.asked.push(what)
    if (this.failure !== undefined) throw this.failure
    const { text, format } = this
    return { id: 9, version: undefined, format, text, references: [], imports: [] }
  }
  fetchById = async (id: number) => this.#answer(`id ${id}`)
  fetchByGuid = async (guid: string) => this.#answer(`guid ${guid}`)
  fetchLatest = async (subject: string) => this.#answer(`latest ${subject}`)
  register = async (subject: string) => this.#answer(`register ${subject}`).id
  lookUp = async (subject: string) => this.#answer(`look up ${subject}`).id
  isCompatible = async () => this.compatible
}

function setup(rules: Partial<WriteRules> = {}) {
  const registry = new Script()
  let nowMs = 0
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => undefined }
  const converter = new RegistryConverter({
    codec: new AvroCodec({
      enhanced: false,
      metaData: true,
      scrubInvalidNames: false,
      allowOptionalMapKeys: false,
      generalSumTypes: false,
      flattenSingletonUnions: true,
      ignoreDefaultForNullables: false,
      discardTypeDocDefault: false,
    }),
    registry,
    rules: { ...RULES, ...rules },
    cacheEntriesMax: 10,
    clock,
  })
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { registry, converter, pass }
}

const needed = (call: () => unknown): SchemaNeeded => {
  try {
    call()
  } catch (thrown) {
    if (thrown instanceof SchemaNeeded) return thrown
    throw thrown
  }
  throw new Error('nothing was missing')
}

const hex = (text: string) => Buffer.from(text, 'hex')

describe('reading', () => {
  it('asks for a schema once and keeps it', async () => {
    const { converter, registry } = setup()
    const bytes = hex('000000000902')
    const read = () => converter.decode('t', bytes, 0, bytes.length)
    const need = needed(read)
    expect(needed(read)).toBe(need)
    await Promise.all([need.fetch(), need.fetch()])
    expect(read().value).toBe(1)
    expect(read().value).toBe(1)
    expect(registry.asked).toEqual(['id 9'])
  })

  it.each(['', '00', '00000000', '0100000009', '7b22612231'])('refuses the frame %s', text => {
    const { converter } = setup()
    const bytes = hex(text)
    expect(() => converter.decode('t', bytes, 0, bytes.length)).toThrow(/^Unknown magic byte!/)
  })

  it.each([
    ['0000000007', 'id 7'],
    ['0100112233445566778899aabbccddeeff', 'guid 00112233-4455-6677-8899-aabbccddeeff'],
  ])('takes the id of the header %s, and all bytes as payload', async (header, asked) => {
    const { converter, registry } = setup()
    const headers = [
      { name: '__key_schema_id', value: hex('0000000001') },
      { name: '__value_schema_id', value: hex(header) },
    ]
    const read = () => converter.decode('t', hex('02'), 0, 1, headers)
    await needed(read).fetch()
    expect(read().value).toBe(1)
    expect(registry.asked).toEqual([asked])
    const broken = [{ name: '__value_schema_id', value: hex('01ff') }]
    expect(() => converter.decode('t', hex('02'), 0, 1, broken)).toThrow(/found 2 bytes/)
  })

  it('keeps a schema that does not exist as an error of its records, for a while', async () => {
    const { converter, registry, pass } = setup()
    registry.failure = new ScamanderError(ERRORS.MISSING, 'no schema 9')
    const read = () => converter.decode('t', hex('000000000902'), 0, 6)
    await needed(read).fetch()
    expect(read).toThrow('no schema 9')
    expect(read).toThrow('no schema 9')
    expect(registry.asked).toHaveLength(1)
    registry.failure = undefined
    pass(60_000)
    await needed(read).fetch()
    expect(read().value).toBe(1)
  })

  it('does not keep a registry that is away', async () => {
    const { converter, registry } = setup()
    registry.failure = new ScamanderError(ERRORS.AWAY, 'away')
    const read = () => converter.decode('t', hex('000000000902'), 0, 6)
    await expect(needed(read).fetch()).rejects.toMatchObject({ kind: 'retriable' })
    registry.failure = undefined
    await needed(read).fetch()
    expect(read().value).toBe(1)
  })

  it('tells a schema of another type', async () => {
    const { converter, registry } = setup()
    registry.format = 'JSON'
    const read = () => converter.decode('t', hex('000000000902'), 0, 6)
    await needed(read).fetch()
    expect(read).toThrow('schema id 9: expected a schema of type AVRO, found JSON')
  })
})

describe('writing', () => {
  it.each<[Partial<WriteRules>, Schema, string]>([
    [{}, RECORD, 'register t-value'],
    [{ isKey: true }, RECORD, 'register t-key'],
    [{ strategy: 'RecordNameStrategy' }, RECORD, 'register n.R'],
    [{ strategy: 'TopicRecordNameStrategy' }, RECORD, 'register t-n.R'],
    [{ autoRegister: false }, RECORD, 'look up t-value'],
    [{ useSchemaId: 5 }, INT, 'id 5'],
    [{ autoRegister: false, useLatest: true }, INT, 'latest t-value'],
  ])('%j', async (rules, schema, asked) => {
    const { converter, registry } = setup(rules)
    await needed(() => converter.encode('t', schema, 1)).fetch()
    expect(registry.asked).toEqual([asked])
  })

  it('registers equal schemas of different objects once', async () => {
    const { converter, registry } = setup()
    const write = (schema: Schema) => converter.encode('t', schema, 5)
    await needed(() => write(new Schema('int32'))).fetch()
    expect(write(new Schema('int32'))).toEqual(hex('00000000090a'))
    expect(write(new Schema('int32'))).toEqual(hex('00000000090a'))
    expect(registry.asked).toEqual(['register t-value'])
  })

  it('needs a name for subjects of records', () => {
    const { converter } = setup({ strategy: 'RecordNameStrategy' })
    expect(() => converter.encode('t', INT, 1)).toThrow(/needs a schema with a name/)
  })

  it('refuses a latest version that does not fit', async () => {
    const { converter, registry } = setup({ autoRegister: false, useLatest: true })
    registry.compatible = false
    registry.text = '"long"'
    const write = () => converter.encode('t', INT, 1)
    await needed(write).fetch()
    expect(write).toThrow(/Incompatible schema: the latest version of subject t-value/)
  })

  it('writes null only where it may stand', () => {
    const { converter } = setup()
    expect(converter.encode('t', null, null)).toBeNull()
    expect(converter.encode('t', new Schema('int32', { optional: true }), null)).toBeNull()
    expect(() => converter.encode('t', INT, null)).toThrow('null value for non-optional')
  })
})
