/**
 * Random CQL literals of any type, and the random numbers they come from.
 * Used by tests that write to a real server and compare what comes back.
 * Invariant: one seed gives one sequence, so a failure can be repeated.
 */
import type { CqlType } from '../../src/cql/index.ts'

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  /** Some of the items, in order, at least one. */
  some<T>(items: readonly T[], percent = 50): T[] {
    const out = items.filter(() => this.chance(percent))
    return out.length > 0 ? out : [this.pick(items)]
  }

  hex(bytes: number): string {
    return Array.from({ length: bytes }, () => this.below(256).toString(16).padStart(2, '0')).join(
      '',
    )
  }
}

const LETTERS = ['a', 'b', 'Z', ' ', '0', "''", 'ä', '漢', '😀']

/** A literal of the type; never null. */
export function randomLiteral(type: CqlType, random: Random): string {
  switch (type.kind) {
    case 'ascii':
      return `'${random.hex(random.below(6))}'`
    case 'text':
      return `'${Array.from({ length: random.below(12) }, () => random.pick(LETTERS)).join('')}'`
    case 'blob':
      return `0x${random.hex(random.below(random.chance(5) ? 2000 : 20))}`
    case 'boolean':
      return random.pick(['true', 'false'])
    case 'tinyint':
      return String(random.below(256) - 128)
    case 'smallint':
      return String(random.below(65_536) - 32_768)
    case 'int':
      return String(random.below(4_294_967_295) - 2_147_483_648)
    case 'bigint':
    case 'timestamp':
      return String(BigInt.asIntN(type.kind === 'bigint' ? 64 : 48, BigInt(`0x${random.hex(8)}`)))
    case 'varint':
      return `${random.pick(['', '-'])}${BigInt(`0x${random.hex(1 + random.below(20))}`)}`
    case 'decimal':
      return `${random.pick(['', '-'])}${random.below(1_000_000)}.${random.below(100_000)}`
    case 'float':
    case 'double':
      return random.pick(['NaN', '-0.0', '0.0', '1.5', String(random.below(1e9) / 7)])
    case 'date':
      return `'${String(1900 + random.below(200))}-0${1 + random.below(9)}-1${random.below(9)}'`
    case 'time':
      return `'1${random.below(10)}:3${random.below(10)}:05.${random.below(1_000_000_000)}'`
    case 'uuid':
      return uuidText(random, '4')
    case 'timeuuid':
      return uuidText(random, '1')
    case 'inet':
      return random.pick([`'10.1.2.${random.below(256)}'`, `'fe80::${random.hex(2)}'`])
    case 'duration':
      return `${random.pick(['', '-'])}${random.below(99)}mo${random.below(99)}d${random.below(1e9)}ns`
    default:
      return composedLiteral(type, random)
  }
}

function composedLiteral(type: CqlType, random: Random): string {
  const several = (of: () => string) => Array.from({ length: 1 + random.below(4) }, of)
  switch (type.kind) {
    case 'list':
      return `[${several(() => randomLiteral(type.element, random)).join(', ')}]`
    case 'set':
      return `{${several(() => randomLiteral(type.element, random)).join(', ')}}`
    case 'map': {
      const pair = () => `${randomLiteral(type.key, random)}: ${randomLiteral(type.value, random)}`
      return `{${several(pair).join(', ')}}`
    }
    case 'tuple':
      return `(${type.elements.map(one => (random.chance(20) ? 'null' : randomLiteral(one, random))).join(', ')})`
    case 'udt':
      return `{${random
        .some(type.fields, 70)
        .map(field => `${field.name}: ${randomLiteral(field.type, random)}`)
        .join(', ')}}`
    case 'vector': {
      const { dimension, element } = type
      return `[${Array.from({ length: dimension }, () => randomLiteral(element, random)).join(', ')}]`
    }
    default:
      throw new Error(`no literal of ${type.kind}`)
  }
}

function uuidText(random: Random, version: string): string {
  const hex = random.hex(16)
  return (
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-` +
    `${random.pick(['8', '9', 'a', 'b'])}${hex.slice(17, 20)}-${hex.slice(20)}`
  )
}
