/**
 * A position in the tokens of a KCQL text, with the steps that all rules share: take a word, a
 * sign, a name, a path. Used by the statement and clause rules of the parser.
 * A step that finds something else throws `KcqlFailure`, which never leaves the room.
 * Invariant: the position never passes the `end` token.
 */
import { suggestKey } from '../config/index.ts'
import { isReserved } from './clause-shapes.ts'
import { type KcqlToken, tokenizeKcql } from './kcql-token.ts'
import type { KcqlName, KcqlPath, KcqlSpan } from './syntax-tree.ts'

/** Ends the reading of one statement; the parser goes on behind the next semicolon. */
export class KcqlFailure extends Error {
  readonly offset: number
  readonly hint: string | undefined

  constructor(offset: number, message: string, hint?: string) {
    super(message)
    this.offset = offset
    this.hint = hint
  }
}

const NAME_SIGNS = new Set(['+', '-', '/', '{', '}', ':', '.'])

export class TokenCursor {
  readonly text: string
  readonly #tokens: readonly KcqlToken[]
  #at = 0

  constructor(text: string) {
    this.text = text
    this.#tokens = tokenizeKcql(text)
  }

  get token(): KcqlToken {
    return this.#tokens[this.#at]!
  }

  get next(): KcqlToken {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)]!
  }

  /** The end of the last token taken; `start` when nothing was taken since. */
  spanFrom(start: number): KcqlSpan {
    const last = this.#at === 0 ? undefined : this.#tokens[this.#at - 1]
    return { start, end: Math.max(start, last?.end ?? start) }
  }

  take(): KcqlToken {
    const { token } = this
    if (token.kind !== 'end') this.#at++
    return token
  }

  isSign(sign: string): boolean {
    return this.token.kind === 'sign' && this.token.text === sign
  }

  isWord(word: string): boolean {
    return this.token.kind === 'word' && this.token.text.toUpperCase() === word
  }

  takeSign(sign: string): boolean {
    if (!this.isSign(sign)) return false
    this.#at++
    return true
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false
    this.#at++
    return true
  }

  expectSign(sign: string, where: string): void {
    if (!this.takeSign(sign)) this.fail(`expected "${sign}" ${where}, found ${this.found()}`)
  }

  expectWord(word: string, where: string): void {
    if (this.takeWord(word)) return
    this.fail(`expected ${word} ${where}, found ${this.found()}`, this.suggestion([word]))
  }

  /** A plain or quoted name. */
  name(what: string): string {
    const { token } = this
    if (token.kind === 'quoted' && token.value !== '') return this.take().value
    if (token.kind !== 'word') this.fail(`expected ${what}, found ${this.found()}`)
    if (isReserved(token.text)) {
      const hint = `a name that is a keyword is written \`${token.text}\``
      this.fail(`expected ${what}, found the keyword ${token.text}`, hint)
    }
    return this.take().value
  }

  names(what: string): string[] {
    const names = [this.name(what)]
    while (this.takeSign(',')) names.push(this.name(what))
    return names
  }

  /** `a.b.c`; `a.*` only where a wildcard is allowed. */
  path(what: string, options: { wildcard: boolean } = { wildcard: false }): KcqlPath {
    const { start } = this.token
    const steps = [this.name(what)]
    while (this.takeSign('.')) {
      if (options.wildcard && this.takeSign('*')) {
        return { steps, wildcard: true, at: this.spanFrom(start) }
      }
      steps.push(this.name('a field name after "."'))
    }
    if (this.isSign('-') && this.token.start === this.spanFrom(start).end) {
      this.fail('a bare column name cannot hold "-"', 'put the name in backticks')
    }
    return { steps, wildcard: false, at: this.spanFrom(start) }
  }

  paths(what: string): KcqlPath[] {
    const paths = [this.path(what)]
    while (this.takeSign(',')) paths.push(this.path(what))
    return paths
  }

  /** A target or source: words and signs without blanks between, quoted pieces, dots. */
  target(what: string): KcqlName {
    const { token } = this
    const { start } = token
    const isFirst = token.kind === 'word' || token.kind === 'quoted' || this.#isNameSign()
    if (!isFirst || token.value === '') this.fail(`expected ${what}, found ${this.found()}`)
    let text = this.take().value
    while (this.#goesOn()) text += this.take().value
    const at = this.spanFrom(start)
    if (token.kind === 'word' && isReserved(text)) {
      const hint = `a name that is a keyword is written \`${text}\``
      throw new KcqlFailure(start, `expected ${what}, found the keyword ${text}`, hint)
    }
    return { text, at }
  }

  /** A whole number above zero. */
  count(what: string): number {
    const { token } = this
    const value = /^\d{1,10}$/.test(token.text) ? Number(token.text) : Number.NaN
    if (token.kind !== 'word' || Number.isNaN(value)) {
      this.fail(`expected a whole number for ${what}, found ${this.found()}`)
    }
    if (value < 1 || value > 2147483647) {
      this.fail(`${what} must be from 1 to 2147483647, found ${this.found()}`)
    }
    this.#at++
    return value
  }

  skipTo(sign: string): void {
    while (this.token.kind !== 'end' && !this.isSign(sign)) this.#at++
  }

  found(): string {
    const { token } = this
    if (token.kind === 'end') return 'the end of the text'
    if (token.kind === 'unclosed') return `a quotation that is not closed`
    const text = token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text
    return token.kind === 'quoted' ? text : `"${text}"`
  }

  /** "did you mean X?" for the present word. */
  suggestion(words: readonly string[]): string | undefined {
    if (this.token.kind !== 'word') return undefined
    const near = suggestKey(this.token.text, words)
    return near === undefined ? undefined : `did you mean ${near}?`
  }

  fail(message: string, hint?: string): never {
    throw new KcqlFailure(this.token.start, message, hint)
  }

  #isNameSign(): boolean {
    return this.token.kind === 'sign' && NAME_SIGNS.has(this.token.text)
  }

  /** Blanks end a name, except around a dot. */
  #goesOn(): boolean {
    const last = this.#tokens[this.#at - 1]!
    const { token } = this
    if (token.kind === 'end' || token.kind === 'unclosed') return false
    const isPart = token.kind !== 'sign' || NAME_SIGNS.has(token.text)
    if (!isPart) return false
    return last.end === token.start || token.text === '.' || last.text === '.'
  }
}
