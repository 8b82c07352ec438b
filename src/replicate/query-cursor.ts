/**
 * A place in the text of a query, and what can be taken there: words, names, marks, values, a bracket.
 * Used by query-text.ts and query-options.ts. Blanks and comments between parts are passed over.
 * Invariant: a problem names the line and the column at which it was found, both counted from 1.
 * Spec: backlog-replication 2.6.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { REPLICATE_ERRORS } from './errors.ts'

const NAME = /^(?:"([A-Za-z_]\w*)"|([A-Za-z_]\w*))/
const VALUE = /^(?:'((?:[^']|'')*)'|"([^"]*)"|(-?[\w.:+]+(?:-[\w.:+]+)*))/
const BLANK = /^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/
const SHOWN_MAX = 40

export class QueryCursor {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
    this.#pass()
  }

  get at(): number {
    return this.#at
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  isAt(mark: string): boolean {
    return this.#text.startsWith(mark, this.#at)
  }

  /** `WITH option = …`; `WITH name AS (…)` is part of the SELECT. */
  isAtOptions(): boolean {
    const isWith = /^WITH\b/i.test(this.#rest)
    return isWith && !/^WITH\s+(RECURSIVE\b|"?\w+"?\s*(\(|AS\b|USING\b))/i.test(this.#rest)
  }

  takeWord(word: string): boolean {
    const found = /^\w+/.exec(this.#rest)?.[0]
    if (found?.toUpperCase() !== word) return false
    this.#move(found.length)
    return true
  }

  takeMark(mark: string): boolean {
    if (!this.isAt(mark)) return false
    this.#move(mark.length)
    return true
  }

  takeName(expected: string): string {
    const found = NAME.exec(this.#rest)
    if (found === null) throw this.refused(`expected ${expected}, found ${this.shown()}`)
    this.#move(found[0].length)
    return found[1] ?? found[2]!
  }

  /** A word, a number, or a text in quotes. */
  takeValue(expected: string): string {
    const found = VALUE.exec(this.#rest)
    if (found === null) throw this.refused(`expected ${expected}, found ${this.shown()}`)
    this.#move(found[0].length)
    return found[1]?.replaceAll("''", "'") ?? found[2] ?? found[3]!
  }

  /** What stands between a bracket and the one that closes it. */
  takeBracket(): { readonly text: string; readonly at: number } {
    let depth = 0
    for (let at = this.#at; at < this.#text.length; at++) {
      if (this.#text[at] === '(') depth++
      if (this.#text[at] !== ')' || --depth > 0) continue
      const inner = { text: this.#text.slice(this.#at + 1, at), at: this.#at + 1 }
      this.#move(at + 1 - this.#at)
      return inner
    }
    throw this.refused('this bracket is not closed')
  }

  /** What stands here, for a message. */
  shown(): string {
    const [line = ''] = this.#rest.split('\n')
    const text = line.trim()
    if (text === '') return 'the end'
    return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
  }

  refused(message: string, at = this.#at): ScamanderError {
    const before = this.#text.slice(0, at).split('\n')
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`
    const context = { field: 'query' }
    return new ScamanderError(REPLICATE_ERRORS.QUERY, `${place}: ${message}`, { context })
  }

  get #rest(): string {
    return this.#text.slice(this.#at)
  }

  #move(length: number): void {
    this.#at += length
    this.#pass()
  }

  #pass(): void {
    this.#at += BLANK.exec(this.#rest)?.[0].length ?? 0
  }
}
