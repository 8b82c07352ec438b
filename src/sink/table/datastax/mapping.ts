/**
 * Parses the `mapping` setting of a table: which field of a record feeds which column.
 * Called by the configuration declaration; the statement planner reads the result.
 * Invariant: all bad entries are reported together, each with its line and column in the text;
 * names are literal and case-sensitive on both sides.
 * Spec: cassandra-sink 4.1, 4.2.
 */
import { type MappingToken, tokenizeMapping } from './mapping-token.ts'

export type FieldSource =
  /** Without a field: the whole key or value. */
  | { readonly kind: 'key' | 'value'; readonly field?: string }
  | { readonly kind: 'header'; readonly field: string }
  | { readonly kind: 'now' }
  /** KCQL's `*`: the field of this name in the value, else in the key. */
  | { readonly kind: 'named'; readonly field: string }

export interface MappingEntry {
  /** Internal name of the column, or the bind variable of a custom query. */
  readonly column: string
  readonly quoted: boolean
  readonly pseudo?: 'ttl' | 'timestamp'
  readonly source: FieldSource
}

export interface Mapping {
  readonly entries: readonly MappingEntry[]
}

export interface MappingProblem {
  /** Both from 1, within the text of the setting. */
  readonly line: number
  readonly column: number
  /** The offending text; empty at the end. */
  readonly text: string
  readonly message: string
}

export type ParsedMapping =
  | { readonly mapping: Mapping }
  | { readonly problems: readonly MappingProblem[] }

const PSEUDO = { __ttl: 'ttl', __timestamp: 'timestamp' } as const
const RESERVED = new Set(['message_internal_ttl', 'message_internal_timestamp'])
export const ALLOWED_SOURCES = 'key, value, key.<field>, value.<field>, header.<name> or now()'

export function parseMapping(text: string): ParsedMapping {
  return new MappingParser(tokenizeMapping(text)).parse()
}

/** Ends the reading of one entry; the parser goes on after the next comma. */
class EntryFailure extends Error {}

class MappingParser {
  readonly #tokens: readonly MappingToken[]
  readonly #problems: MappingProblem[] = []
  readonly #entries: MappingEntry[] = []
  #at = 0

  constructor(tokens: readonly MappingToken[]) {
    this.#tokens = tokens
  }

  parse(): ParsedMapping {
    for (;;) {
      this.#entryOrSkip()
      if (this.#peek().kind === 'end') break
      this.#at++
    }
    if (this.#problems.length > 0) return { problems: this.#problems }
    return { mapping: { entries: this.#entries } }
  }

  /** Leaves the position at a comma or at the end. */
  #entryOrSkip(): void {
    try {
      this.#entry()
    } catch (error) {
      if (!(error instanceof EntryFailure)) throw error
      while (!['comma', 'end'].includes(this.#peek().kind)) this.#at++
    }
  }

  #entry(): void {
    const start = this.#peek()
    if (start.kind !== 'word' && start.kind !== 'quoted') {
      const what = this.#tokens.length === 1 ? 'at least one column=field' : 'a column name'
      this.#fail(start, `expected ${what}, found ${describe(start)}`)
    }
    this.#at++
    const equals = this.#peek()
    if (equals.kind !== 'equals') {
      this.#fail(equals, `expected "=" after the column ${start.text}, found ${describe(equals)}`)
    }
    this.#at++
    this.#add(start, this.#field(start))
  }

  #expectEnd(): void {
    const end = this.#peek()
    if (end.kind !== 'comma' && end.kind !== 'end') {
      this.#fail(end, `expected "," or the end after a field, found ${describe(end)}`)
    }
  }

  #field(column: MappingToken): FieldSource {
    const first = this.#peek()
    if (first.kind !== 'word' && first.kind !== 'quoted') {
      this.#fail(first, `expected a field for the column ${column.text}, found ${describe(first)}`)
    }
    this.#at++
    let name = first.value
    if (first.kind === 'word') {
      while (this.#peek().kind === 'word' || this.#peek().kind === 'dot') {
        name += this.#peek().value
        this.#at++
      }
    } else if (this.#peek().kind === 'dot' && this.#tokens[this.#at + 2]?.kind === 'open') {
      name += `.${this.#tokens[this.#at + 1]!.value}`
      this.#at += 2
    }
    if (this.#peek().kind === 'open') return this.#function(first, name)
    this.#expectEnd()
    return this.#reference(first, name)
  }

  #function(first: MappingToken, name: string): FieldSource {
    const open = this.#at
    while (!['close', 'end'].includes(this.#peek().kind)) this.#at++
    if (this.#peek().kind === 'end') {
      this.#fail(this.#tokens[open]!, `expected ")" to close the arguments of ${name}`)
    }
    const argumentCount = this.#at - open - 1
    this.#at++
    this.#expectEnd()
    if (name === 'now' && argumentCount === 0) return { kind: 'now' }
    const found = argumentCount === 0 ? `${name}()` : `${name}(…)`
    this.#fail(first, `the function ${found} is not allowed; allowed: ${ALLOWED_SOURCES}`)
  }

  #reference(first: MappingToken, name: string): FieldSource {
    const dot = name.indexOf('.')
    const prefix = dot < 0 ? name : name.slice(0, dot)
    const field = dot < 0 ? undefined : name.slice(dot + 1)
    const isWhole = field === undefined || field === '__self'
    if (field !== '') {
      if (prefix === 'key' || prefix === 'value') {
        return isWhole ? { kind: prefix } : { kind: prefix, field }
      }
      if (prefix === 'header' && field !== undefined) return { kind: 'header', field }
    }
    this.#fail(first, `the field ${name} is not allowed; allowed: ${ALLOWED_SOURCES}`, name)
  }

  #add(column: MappingToken, source: FieldSource): void {
    const quoted = column.kind === 'quoted'
    const name = column.value
    const pseudo = quoted ? undefined : PSEUDO[name as keyof typeof PSEUDO]
    if (this.#entries.some(one => one.column === name && one.pseudo === pseudo)) {
      this.#fail(column, `the column ${column.text} is mapped more than once`)
    }
    if (RESERVED.has(name)) this.#fail(column, `the name ${name} is reserved`)
    if (pseudo !== undefined && source.kind === 'now') {
      this.#fail(column, `the pseudo-column ${name} takes a number, not now()`)
    }
    const entry = { column: name, quoted, source }
    this.#entries.push(pseudo === undefined ? entry : { ...entry, pseudo })
  }

  #peek(): MappingToken {
    return this.#tokens[this.#at]!
  }

  #fail(token: MappingToken, message: string, text = token.text): never {
    const { line, column } = token
    this.#problems.push({ line, column, text, message })
    throw new EntryFailure(message)
  }
}

function describe(token: MappingToken): string {
  if (token.kind === 'end') return 'the end'
  if (token.kind === 'unclosed') return 'a quotation that is not closed'
  return `"${token.text}"`
}
