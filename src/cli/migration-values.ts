/**
 * Values of options as `migrate` and `validate` take them: hosts, lists, numbers, tokens, levels.
 * Called by the parser of the command line, which shows the message beside the option.
 * Invariant: a value that is accepted can be used; nothing is rounded or guessed.
 */
import { InvalidArgumentError } from 'commander'
import type { ContactPoint } from '../cassandra/index.ts'
import { CONSISTENCY, type ConsistencyCode } from '../cql/index.ts'
import { TOKEN_MAX, TOKEN_MIN } from '../migrate/index.ts'

/** `host`, `host:port`, `[v6]:port`, several by comma. */
export function toHosts(text: string): ContactPoint[] {
  return toList(text).map(one => {
    const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(one)
    const port = Number(match?.[3] ?? 9042)
    if (match === null || port < 1 || port > 65_535) {
      throw new InvalidArgumentError('Expected host or host:port.')
    }
    return { host: (match[1] ?? match[2])!, port }
  })
}

export function toList(text: string): string[] {
  const all = text.split(',').map(one => one.trim())
  if (all.includes('')) throw new InvalidArgumentError('Expected names, separated by commas.')
  return all
}

export function toPairs(text: string): Map<string, string> {
  const pairs = toList(text).map(one => one.split(':'))
  if (pairs.some(pair => pair.length !== 2 || pair.includes(''))) {
    throw new InvalidArgumentError('Expected a:b, several by comma.')
  }
  return new Map(pairs as [string, string][])
}

export function toBoolean(text: string): boolean {
  if (/^(true|yes|on|1)$/i.test(text)) return true
  if (/^(false|no|off|0)$/i.test(text)) return false
  throw new InvalidArgumentError('Expected true or false.')
}

export function toWhole(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const value = Number(text)
    if (/^\d{1,16}$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Expected a whole number from ${min} on.`)
  }
}

export function toPositive(text: string): number {
  const value = Number(text)
  if (/^[\d.]+$/.test(text) && value > 0) return value
  throw new InvalidArgumentError('Expected a number above 0.')
}

export function toShare(text: string): number {
  const value = toPositive(text)
  if (value <= 100) return value
  throw new InvalidArgumentError('Expected a percentage above 0, at most 100.')
}

export function toToken(text: string): bigint {
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : TOKEN_MAX + 1n
  if (value >= TOKEN_MIN && value <= TOKEN_MAX) return value
  throw new InvalidArgumentError('Expected a token: a whole number of 64 bits.')
}

export function toLevel(text: string): ConsistencyCode {
  const found = Object.entries(CONSISTENCY).find(([name]) => name === text.toUpperCase())
  if (found !== undefined) return found[1]
  throw new InvalidArgumentError(`Expected one of ${Object.keys(CONSISTENCY).join(', ')}.`)
}
