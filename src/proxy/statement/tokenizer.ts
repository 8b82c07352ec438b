/**
 * Splits CQL text into tokens, one at a time, without allocating: the scanner holds only positions.
 * Called by the classifier, the search for functions and the parser of system-table queries.
 * Comments are skipped; text in quotes, `$$` blocks and quoted identifiers are single tokens.
 * Invariant: `start` and `end` of consecutive tokens never overlap; unterminated text ends at the end.
 * Spec: live-migration 2.6, 2.7.
 */
export const TOKEN = {
  END: 0,
  /** Keyword or unquoted identifier. */
  WORD: 1,
  /** "Quoted" identifier. */
  QUOTED: 2,
  /** 'Text' or $$text$$. */
  STRING: 3,
  /** Starts with a digit: numbers, hexadecimal blobs, durations, the head of a UUID. */
  NUMBER: 4,
  /** One character of anything else. */
  SYMBOL: 5,
} as const
export type TokenKind = (typeof TOKEN)[keyof typeof TOKEN]

const QUOTE = 39
const DOUBLE_QUOTE = 34
const DOLLAR = 36
const DASH = 45
const SLASH = 47
const STAR = 42
const DOT = 46

export class CqlTokenizer {
  readonly text: string
  kind: TokenKind = TOKEN.END
  /** The token is `text.slice(start, end)`. */
  start = 0
  end = 0

  constructor(text: string, at = 0) {
    this.text = text
    this.end = at
  }

  /** Moves to the next token; END stays END. */
  next(): TokenKind {
    const text = this.text
    const at = this.#skipBlanks(this.end)
    this.start = at
    if (at >= text.length) {
      this.end = text.length
      this.kind = TOKEN.END
      return this.kind
    }
    const code = text.charCodeAt(at)
    if (isLetter(code)) this.#take(TOKEN.WORD, endOfWord(text, at + 1))
    else if (isDigit(code)) this.#take(TOKEN.NUMBER, endOfNumber(text, at + 1))
    else if (code === QUOTE) this.#take(TOKEN.STRING, endOfQuoted(text, at + 1, QUOTE))
    else if (code === DOUBLE_QUOTE) this.#take(TOKEN.QUOTED, endOfQuoted(text, at + 1, code))
    else if (code === DOLLAR && text.charCodeAt(at + 1) === DOLLAR) {
      const close = text.indexOf('$$', at + 2)
      this.#take(TOKEN.STRING, close < 0 ? text.length : close + 2)
    } else this.#take(TOKEN.SYMBOL, at + 1)
    return this.kind
  }

  /** The text of the token. */
  get value(): string {
    return this.text.slice(this.start, this.end)
  }

  /** The token as an identifier: folded to lower case unless quoted; undefined when it is none. */
  get identifier(): string | undefined {
    if (this.kind === TOKEN.WORD) return this.value.toLowerCase()
    if (this.kind !== TOKEN.QUOTED) return undefined
    return this.text.slice(this.start + 1, this.end - 1).replaceAll('""', '"')
  }

  /** Is it this keyword (given in upper case)? */
  isWord(upper: string): boolean {
    const length = this.end - this.start
    if (this.kind !== TOKEN.WORD || length !== upper.length) return false
    for (let i = 0; i < length; i++) {
      const code = this.text.charCodeAt(this.start + i)
      const folded = code >= 97 && code <= 122 ? code - 32 : code
      if (folded !== upper.charCodeAt(i)) return false
    }
    return true
  }

  isSymbol(symbol: string): boolean {
    return this.kind === TOKEN.SYMBOL && this.text[this.start] === symbol
  }

  #take(kind: TokenKind, end: number): void {
    this.kind = kind
    this.end = end
  }

  /** Behind white space and comments. */
  #skipBlanks(from: number): number {
    const text = this.text
    let at = from
    for (;;) {
      const code = text.charCodeAt(at)
      if (code <= 32 || code === 0xa0 || code === 0xfeff) at++
      else if (code === DASH && text.charCodeAt(at + 1) === DASH) at = endOfLine(text, at)
      else if (code === SLASH && text.charCodeAt(at + 1) === SLASH) at = endOfLine(text, at)
      else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
        const close = text.indexOf('*/', at + 2)
        at = close < 0 ? text.length : close + 2
      } else return at
    }
  }
}

function endOfLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at)
  return newline < 0 ? text.length : newline + 1
}

function endOfWord(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (!isLetter(code) && !isDigit(code)) return at
    at++
  }
}

function endOfNumber(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (!isLetter(code) && !isDigit(code) && code !== DOT) return at
    at++
  }
}

/** Behind the closing quote; a doubled quote is content. */
function endOfQuoted(text: string, from: number, quote: number): number {
  let at = from
  for (;;) {
    at = text.indexOf(String.fromCharCode(quote), at)
    if (at < 0) return text.length
    if (text.charCodeAt(at + 1) !== quote) return at + 1
    at += 2
  }
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
