/**
 * Finds the calls in a statement that every coordinator evaluates for itself: now(), uuid() and the
 * functions of the current time. Called by the classifier for writes only.
 * Calls inside text, quoted identifiers, `$$` blocks and comments are not calls.
 * Spec: live-migration 2.6.
 */
import { type CqlTokenizer, TOKEN } from './tokenizer.ts'

/** What a call yields; names the CQL type as well. */
export type FunctionResult = 'timeuuid' | 'uuid' | 'timestamp' | 'date' | 'time'

export interface FunctionCall {
  readonly result: FunctionResult
  /** The call is `text.slice(start, end)`, with its keyspace and brackets. */
  readonly start: number
  readonly end: number
  /** Bind markers before it, positional or named. */
  readonly markersBefore: number
}

const RESULTS: ReadonlyMap<string, FunctionResult> = new Map([
  ['now', 'timeuuid'],
  ['currenttimeuuid', 'timeuuid'],
  ['current_timeuuid', 'timeuuid'],
  ['uuid', 'uuid'],
  ['currenttimestamp', 'timestamp'],
  ['current_timestamp', 'timestamp'],
  ['currentdate', 'date'],
  ['current_date', 'date'],
  ['currenttime', 'time'],
  ['current_time', 'time'],
])

/**
 * Watches the tokens of one statement: give it every token, read `calls` at the end.
 * A call is the sequence name, `(`, `)`, with an optional `system.` before it.
 */
export class FunctionFinder {
  readonly calls: FunctionCall[] = []
  #markers = 0
  /** Number of tokens of the sequence seen: 1 name, 2 opening bracket. */
  #seen = 0
  #result: FunctionResult = 'timeuuid'
  #start = 0
  #qualifier = -1
  #hasDot = false
  #braces = 0

  /** Look at the tokenizer's current token. */
  look(token: CqlTokenizer): void {
    if (token.kind === TOKEN.WORD) {
      const result =
        token.text.charCodeAt(token.end) === OPEN || this.#mayBeSpaced(token)
          ? RESULTS.get(token.value.toLowerCase())
          : undefined
      this.#seen = result === undefined ? 0 : 1
      if (result !== undefined) {
        this.#result = result
        this.#start = this.#hasDot && this.#qualifier >= 0 ? this.#qualifier : token.start
      }
      this.#qualifier = token.isWord('SYSTEM') ? token.start : -1
      this.#hasDot = false
      return
    }
    if (token.isSymbol('?')) this.#markers++
    else if (token.isSymbol('{')) this.#braces++
    else if (token.isSymbol('}')) this.#braces--
    else if (token.isSymbol(':') && isNamedMarker(token, this.#braces)) this.#markers++
    if (this.#seen === 1 && token.isSymbol('(')) this.#seen = 2
    else if (this.#seen === 2 && token.isSymbol(')')) {
      this.calls.push({
        result: this.#result,
        start: this.#start,
        end: token.end,
        markersBefore: this.#markers,
      })
      this.#seen = 0
    } else this.#seen = 0
    this.#hasDot = token.isSymbol('.') && this.#qualifier >= 0
    if (!this.#hasDot) this.#qualifier = -1
  }

  /** Between name and bracket there may be blanks and comments. */
  #mayBeSpaced(token: CqlTokenizer): boolean {
    const code = token.text.charCodeAt(token.end)
    return code <= 32 || code === 45 || code === 47
  }
}

const OPEN = 40

/** `:name`; inside braces a single colon separates key and value. */
export function isNamedMarker(token: CqlTokenizer, braces: number): boolean {
  const { text, start, end } = token
  const code = text.charCodeAt(end)
  const isName = (code | 32) >= 97 && (code | 32) <= 122
  const isQuoted = code === 34
  return (isName || isQuoted) && (braces === 0 || text[start - 1] === ':')
}
