import { describe, expect, it } from 'vitest'
import { isScamanderError } from '../base/scamander-error.ts'
import { Schema, STRING } from '../flow/index.ts'
import { SchemaCache, StructBuilder } from './derived-schema.ts'

describe('SchemaCache', () => {
  it('derives once per schema and forgets the oldest of many', () => {
    let count = 0
    const cache = new SchemaCache(schema => {
      count++
      return new Schema(schema.type, { optional: true })
    })
    const first = new Schema('int8')
    const derived = cache.of(first)
    expect(cache.of(first)).toBe(derived)
    expect(count).toBe(1)
    for (let i = 0; i < 256; i++) cache.of(new Schema('int16'))
    expect(count).toBe(257)
    expect(cache.of(first)).not.toBe(derived)
  })
})

describe('StructBuilder', () => {
  it('refuses a second field of one name', () => {
    const builder = new StructBuilder()
    builder.field('a', STRING)
    const act = () => builder.field('a', STRING)
    expect(act).toThrow('Cannot create field because of field name duplication a')
    try {
      act()
    } catch (error) {
      expect(isScamanderError(error, 'data')).toBe(true)
    }
  })
})
