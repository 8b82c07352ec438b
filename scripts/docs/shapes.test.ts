/**
 * Schemas of the API's shapes from their declarations: each form of type that the declarations use.
 */
import { describe, expect, it } from 'vitest'
import { shapesOf } from './shapes.ts'

const base = 'export interface Base { readonly id: string; /** How many. */ readonly n?: number }'

function only(source: string): Readonly<Record<string, unknown>> {
  return shapesOf([base, source])['T'] ?? {}
}

describe('schemas of shapes', () => {
  it('reads interfaces with what they extend, comments and optional members', () => {
    const source =
      '/** What\n * it is. */\nexport interface T extends Base { readonly all: readonly Base[] }'
    expect(only(source)).toEqual({
      description: 'What it is.',
      type: 'object',
      properties: {
        id: { type: 'string' },
        n: { type: 'number', description: 'How many.' },
        all: { type: 'array', items: { $ref: '#/components/schemas/Base' } },
      },
      required: ['id', 'all'],
    })
  })

  it.each([
    ["'a' | 'b'", { enum: ['a', 'b'] }],
    ['string | null', { anyOf: [{ type: 'string' }, { type: 'null' }] }],
    ["number | 'last'", { anyOf: [{ enum: ['last'] }, { type: 'number' }] }],
    [
      'Readonly<Record<string, boolean>>',
      { type: 'object', additionalProperties: { type: 'boolean' } },
    ],
    ["Base['n']", { type: 'number', description: 'How many.' }],
    ["Omit<Base, 'id'>", { type: 'object', properties: { n: expect.anything() } }],
    [
      "Partial<Omit<Base, 'n'>> & { readonly x: unknown }",
      { type: 'object', properties: { id: { type: 'string' }, x: {} }, required: ['x'] },
    ],
    [
      "Omit<Base, 'id'> & { readonly id?: string }",
      { type: 'object', properties: { id: { type: 'string' }, n: expect.anything() } },
    ],
  ])('reads %s', (type, schema) => {
    expect(only(`export type T = ${type}`)).toEqual(schema)
  })

  it('leaves types with parameters to those that use them, and values out of a union', () => {
    const source =
      "export type List<X> = readonly X[]\nexport type U = 'a' | 'b' | 'c'\nexport type T = Exclude<U, 'b'>"
    expect(only(source)).toEqual({ enum: ['a', 'c'] })
    expect(Object.keys(shapesOf([source]))).toEqual(['T', 'U'])
  })

  it.each(['() => void', 'keyof Base', 'Unknown', 'symbol'])('stops at %s', type => {
    expect(() => only(`export type T = ${type}`)).toThrow(/shapes of the API|shape of the API/)
  })
})
