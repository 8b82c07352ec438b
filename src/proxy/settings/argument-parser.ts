/**
 * Reads the arguments of `scamander proxy` the way the Azure proxy reads its own, with its mistakes
 * reported instead of ignored. Called by the command; pure.
 * Invariants: booleans take a value or stand alone for true; an option with many values stops at the
 * first token that cannot be one; anything unknown is an error.
 * Spec: live-migration 1.1.
 */
import { optionError } from '../errors.ts'
import type { ProxyOption } from './options.ts'

export interface ParsedArguments {
  readonly positionals: readonly string[]
  /** By option name; the last one counts, lists collect all. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

const TRUE = new Set(['true', 'yes', 'on', '1'])
const FALSE = new Set(['false', 'no', 'off', '0'])
const LISTS: ReadonlyMap<string, RegExp> = new Map([
  ['ints', /^\d+$/],
  ['versions', /^\d+(\.\d+)*$/],
  ['codecs', /^(lz4|snappy)$/i],
])

export function parseArguments(
  args: readonly string[],
  options: readonly ProxyOption[],
): ParsedArguments {
  const positionals: string[] = []
  const values = new Map<string, string[]>()
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!
    if (!/^-./.test(arg)) {
      positionals.push(arg)
      continue
    }
    const equals = arg.startsWith('--') ? arg.indexOf('=') : -1
    const option = findOption(equals < 0 ? arg : arg.slice(0, equals), options)
    const inline = equals < 0 ? undefined : arg.slice(equals + 1)
    const taken = inline === undefined ? takeValues(option, args, index + 1) : [inline]
    if (inline === undefined) index += taken.length
    if (taken.length === 0) taken.push(...missingValue(option))
    const known = values.get(option.name)
    if (known !== undefined && LISTS.has(option.type)) known.push(...taken)
    else values.set(option.name, taken)
  }
  return { positionals, values }
}

function findOption(arg: string, options: readonly ProxyOption[]): ProxyOption {
  const option = arg.startsWith('--')
    ? options.find(one => one.name === arg.slice(2))
    : options.find(one => one.short === arg.slice(1))
  if (option === undefined) throw optionError(`expected an option of the proxy, found ${arg}`)
  return option
}

/** The tokens from `at` on that are values of this option. */
function takeValues(option: ProxyOption, args: readonly string[], at: number): string[] {
  const pattern = LISTS.get(option.type)
  const next = args[at]
  if (pattern === undefined) {
    const isMissing = next === undefined || (option.type === 'boolean' && /^-./.test(next))
    return isMissing ? [] : [next]
  }
  const taken: string[] = []
  while (args[at + taken.length] !== undefined && pattern.test(args[at + taken.length]!)) {
    taken.push(args[at + taken.length]!)
  }
  return taken
}

function missingValue(option: ProxyOption): string[] {
  if (option.type === 'boolean') return ['true']
  throw optionError(`--${option.name}: expected a value, found none`)
}

/** Typed access to parsed arguments, with the defaults of the table. */
export class ArgumentReader {
  readonly #values: ParsedArguments['values']
  readonly #options: ReadonlyMap<string, ProxyOption>

  constructor(parsed: ParsedArguments, options: readonly ProxyOption[]) {
    this.#values = parsed.values
    this.#options = new Map(options.map(option => [option.name, option]))
  }

  isGiven(name: string): boolean {
    return this.#values.has(name)
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name)?.at(-1) ?? this.#fallback(name)
    const choices = this.#options.get(name)?.choices
    if (choices !== undefined && !choices.includes(String(value))) {
      throw optionError(`--${name}: expected one of ${choices.join(', ')}, found ${value}`)
    }
    return value === undefined ? undefined : String(value)
  }

  int(name: string, min: number, max: number): number {
    const text = this.text(name) ?? ''
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw optionError(`--${name}: expected a whole number from ${min} to ${max}, found ${text}`)
  }

  boolean(name: string): boolean {
    const text = (this.text(name) ?? 'false').toLowerCase()
    if (TRUE.has(text)) return true
    if (FALSE.has(text)) return false
    throw optionError(`--${name}: expected true or false, found ${text}`)
  }

  list(name: string): readonly string[] {
    const values = this.#values.get(name) ?? []
    const pattern = LISTS.get(this.#options.get(name)?.type ?? '')
    const wrong = values.find(value => pattern?.test(value) === false)
    if (wrong === undefined) return values
    throw optionError(`--${name}: found ${wrong}, which it does not take`)
  }

  #fallback(name: string): string | number | boolean | undefined {
    return this.#options.get(name)?.fallback
  }
}
