/**
 * The contract of converters: nulls both ways, exact bytes, round trip inside a larger buffer,
 * data errors for wrong bytes, independent instances, and their use as header converters.
 */
import { describe, expect, it } from 'vitest'
import { isScamanderError } from '../../src/base/scamander-error.ts'
import { converterClasses, materialise } from '../../src/convert/index.ts'
import { type ConverterSubject, SUBJECTS } from './converter-cases.ts'

const nameOf = ({ className, options }: ConverterSubject) =>
  `${className} ${JSON.stringify(options)}`

describe.each(SUBJECTS.map(subject => [nameOf(subject), subject] as const))(
  '%s',
  (_name, subject) => {
    const factory = converterClasses.get(subject.className)!
    const make = () => factory.createConverter!(subject.options, false)

    it('reads a Kafka null as null and writes null as a Kafka null', () => {
      const converter = make()
      expect(converter.decode('t', Buffer.from('xyz'), 1, -1).value).toBeNull()
      expect(converter.encode('t', null, null)).toBeNull()
    })

    it('writes the exact bytes', () => {
      expect(make().encode('t', subject.schema, subject.value)).toEqual(subject.golden)
    })

    it('reads what it wrote, in the middle of other bytes', () => {
      const around = Buffer.concat([Buffer.from('{"'), subject.golden, Buffer.from('"}')])
      const { schema, value } = make().decode('t', around, 2, subject.golden.length)
      expect(schema?.type).toBe(subject.schema?.type)
      expect(schema?.optional).toBe(subject.schema?.optional)
      expect(materialise(value)).toEqual(subject.value)
      expect(make().encode('t', schema, value)).toEqual(subject.golden)
    })

    it('keeps the bytes of one message when it writes the next', () => {
      const converter = make()
      const first = converter.encode('t', subject.schema, subject.value)
      converter.encode('t', subject.schema, subject.value)
      expect(first).toEqual(subject.golden)
    })

    it('refuses wrong bytes with a data error', context => {
      context.skip(subject.wrong === undefined, 'it takes any bytes')
      const wrong = subject.wrong!
      const failure = catching(() => make().decode('t', wrong, 0, wrong.length))
      expect(isScamanderError(failure, 'data')).toBe(true)
    })

    it('converts headers in the same form', () => {
      const converter = factory.createHeaderConverter(subject.options)
      const header = converter.decode('t', { name: 'h', value: subject.golden })
      expect(header.name).toBe('h')
      expect(materialise(header.value)).toEqual(subject.value)
      expect(converter.encode('t', header)).toEqual(subject.golden)
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

function catching(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}
