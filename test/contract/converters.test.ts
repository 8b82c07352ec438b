/**
 * The contract of converters: nulls both ways, exact bytes, round trip inside a larger buffer,
 * data errors for wrong bytes, independent instances, and their use as header converters.
 */
import { describe, expect, it } from 'vitest'
import { isScamanderError } from '../../src/base/scamander-error.ts'
import { converterClasses, materialise } from '../../src/convert/index.ts'
import type { Converter } from '../../src/flow/index.ts'
import { MemoryRegistry, withSchemas } from '../support/memory-registry.ts'
import { plain } from '../support/random-values.ts'
import { type ConverterSubject, SUBJECTS } from './converter-cases.ts'

const nameOf = ({ className, options }: ConverterSubject) =>
  `${className} ${JSON.stringify(options)}`

describe.each(SUBJECTS.map(subject => [nameOf(subject), subject] as const))(
  '%s',
  (_name, subject) => {
    const factory = converterClasses.get(subject.className)!
    const services = { openRegistry: () => registryOf(subject) }
    const make = () => factory.createConverter!(subject.options, false, services)
    const { decode, encode } = calls

    it('reads a Kafka null as null and writes null as a Kafka null', () => {
      const converter = make()
      expect(converter.decode('t', Buffer.from('xyz'), 1, -1).value).toBeNull()
      expect(converter.encode('t', null, null)).toBeNull()
    })

    it('writes the exact bytes', async () => {
      expect(await encode(make(), 't', subject.schema, subject.value)).toEqual(subject.golden)
    })

    it('reads what it wrote, in the middle of other bytes', async () => {
      const around = Buffer.concat([Buffer.from('{"'), subject.golden, Buffer.from('"}')])
      const { schema, value } = await decode(make(), 't', around, 2, subject.golden.length)
      expect(schema?.type).toBe(subject.schema?.type)
      expect(schema?.optional).toBe(subject.schema?.optional)
      expect(plain(materialise(value))).toEqual(plain(subject.value))
      expect(await encode(make(), 't', schema, value)).toEqual(subject.golden)
    })

    it('keeps the bytes of one message when it writes the next', async () => {
      const converter = make()
      const first = await encode(converter, 't', subject.schema, subject.value)
      await encode(converter, 't', subject.schema, subject.value)
      expect(first).toEqual(subject.golden)
    })

    it('refuses wrong bytes with a data error', async context => {
      context.skip(subject.wrong === undefined, 'it takes any bytes')
      const wrong = subject.wrong!
      const failure = await decode(make(), 't', wrong, 0, wrong.length).catch(error => error)
      expect(isScamanderError(failure, 'data')).toBe(true)
    })

    it('converts headers in the same form', async () => {
      const converter = factory.createHeaderConverter(subject.options, services)
      const header = await withSchemas(() =>
        converter.decode('t', { name: 'h', value: subject.golden }),
      )
      expect(header.name).toBe('h')
      expect(plain(materialise(header.value))).toEqual(plain(subject.value))
      expect(await withSchemas(() => converter.encode('t', header))).toEqual(subject.golden)
      expect(converter.decode('t', { name: 'h', value: null }).value).toBeNull()
    })

    it('is found by its last part and makes a new instance each time', () => {
      const shortName = subject.className.split('.').at(-1)!
      expect(converterClasses.get(shortName)).toBe(factory)
      expect(make()).not.toBe(make())
    })
  },
)

it('every class has a subject', () => {
  const covered = new Set(SUBJECTS.map(subject => subject.className))
  const classes = [...converterClasses.values()].filter(one => one.createConverter !== undefined)
  expect([...new Set(classes.map(one => one.className))].sort()).toEqual([...covered].sort())
})

/** A registry that has the subject's schema under the id of its golden bytes. */
function registryOf({ registered }: ConverterSubject): MemoryRegistry {
  const registry = new MemoryRegistry()
  if (registered !== undefined) {
    const { id, text, type } = registered
    registry.add({ format: type, text, references: [] }, [], id)
  }
  return registry
}

/** Calls that fetch what a converter lacks, as the engine does. */
const calls = {
  decode: (converter: Converter, ...args: Parameters<Converter['decode']>) =>
    withSchemas(() => converter.decode(...args)),
  encode: (converter: Converter, ...args: Parameters<Converter['encode']>) =>
    withSchemas(() => converter.encode(...args)),
}
