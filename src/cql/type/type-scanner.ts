/**
 * A cursor over the text of a type, shared by the two type grammars (CQL and marshal classes).
 * Errors are SCM_CQL_TYPE_TEXT and tell the position; a type's text is schema, not data, so it may
 * be quoted in the message.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import { CQL_ERRORS } from '../errors.ts'

/** Deeper nesting than any server accepts; a bound for hostile input. */
const DEPTH_MAX = 64
const QUOTED_TEXT_MAX = 200

export class TypeScanner {
  readonly text: string
  position = 0
  #depth = 0

  constructor(text: string) {
    this.text = text
  }

  skipBlanks(): void {
    while (/\s/.test(this.text[this.position] ?? 'x')) this.position++
  }

  /** Takes `character` if it comes next, after blanks. */
  accept(character: string): boolean {
    this.skipBlanks()
    if (this.text[this.position] !== character) return false
    this.position++
    return true
  }

  expect(character: string): void {
    if (!this.accept(character)) throw this.error(`expected '${character}'`)
  }

  /** The longest run that matches; `pattern` is sticky. */
  word(pattern: RegExp): string | undefined {
    this.skipBlanks()
    pattern.lastIndex = this.position
    const match = pattern.exec(this.text)
    if (match === null || match[0] === '') return undefined
    this.position += match[0].length
    return match[0]
  }

  /** A comma-separated list up to and including `close`. */
  list<T>(close: string, item: () => T): T[] {
    const out: T[] = []
    if (!this.accept(close)) {
      do out.push(item())
      while (this.accept(','))
      this.expect(close)
    }
    return out
  }

  /** Reads one type with `read`; the recursion of the grammars goes through here. */
  nested<T>(read: () => T): T {
    if (++this.#depth > DEPTH_MAX) throw this.error(`expected at most ${DEPTH_MAX} levels`)
    const out = read()
    this.#depth--
    return out
  }

  expectEnd(): void {
    this.skipBlanks()
    if (this.position < this.text.length) throw this.error('expected the end')
  }

  /** `what` says what was expected here. */
  error(what: string): ScamanderError {
    const text = this.text.slice(0, QUOTED_TEXT_MAX)
    const message = `CQL type "${text}": ${what} at character ${this.position + 1}`
    return new ScamanderError(CQL_ERRORS.TYPE_TEXT, message)
  }
}
