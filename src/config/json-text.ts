/**
 * A strict JSON parser (RFC 8259) that keeps the offset of every key and value and the text of
 * numbers. Used only for configuration files, where a message must say line and column.
 * Throws `JsonSyntaxFailure`; never recurses deeper than `DEPTH_MAX`.
 */
const DEPTH_MAX = 100

export type JsonNode =
  | { readonly kind: 'object'; readonly offset: number; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly offset: number; readonly items: readonly JsonNode[] }
  | {
      readonly kind: 'string' | 'number' | 'boolean'
      readonly offset: number
      readonly text: string
    }
  | { readonly kind: 'null'; readonly offset: number }

export interface JsonMember {
  readonly key: string
  readonly keyOffset: number
  readonly value: JsonNode
}

/** Where and why the text is not JSON; turned into a `ConfigError` by the reader. */
export class JsonSyntaxFailure extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

export function parseJsonText(text: string): JsonNode {
  return new Parser(text).document()
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

class Parser {
  readonly #text: string
  #at: number
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  }

  document(): JsonNode {
    const node = this.#value()
    this.#blanks()
    if (this.#at < this.#text.length) this.#fail('the end of the text')
    return node
  }

  #value(): JsonNode {
    this.#blanks()
    const offset = this.#at
    const char = this.#text[offset]
    if (char === '{') return this.#nested(() => this.#object(offset))
    if (char === '[') return this.#nested(() => this.#array(offset))
    if (char === '"') return { kind: 'string', offset, text: this.#string() }
    if (this.#takes('true')) return { kind: 'boolean', offset, text: 'true' }
    if (this.#takes('false')) return { kind: 'boolean', offset, text: 'false' }
    if (this.#takes('null')) return { kind: 'null', offset }
    NUMBER.lastIndex = offset
    const number = NUMBER.exec(this.#text)
    if (number === null) this.#fail('a value')
    this.#at += number[0].length
    return { kind: 'number', offset, text: number[0] }
  }

  #nested(read: () => JsonNode): JsonNode {
    if (++this.#depth > DEPTH_MAX) this.#fail(`at most ${DEPTH_MAX} nested levels`)
    this.#at++
    const node = read()
    this.#depth--
    return node
  }

  #object(offset: number): JsonNode {
    const members: JsonMember[] = []
    this.#blanks()
    if (this.#takes('}')) return { kind: 'object', offset, members }
    for (;;) {
      this.#blanks()
      const keyOffset = this.#at
      if (this.#text[keyOffset] !== '"') this.#fail('a key in double quotes')
      const key = this.#string()
      this.#blanks()
      if (!this.#takes(':')) this.#fail(`":" after the key "${key}"`)
      members.push({ key, keyOffset, value: this.#value() })
      this.#blanks()
      if (this.#takes('}')) return { kind: 'object', offset, members }
      if (!this.#takes(',')) this.#fail(`"," or "}" after the value of "${key}"`)
    }
  }

  #array(offset: number): JsonNode {
    const items: JsonNode[] = []
    this.#blanks()
    if (this.#takes(']')) return { kind: 'array', offset, items }
    for (;;) {
      items.push(this.#value())
      this.#blanks()
      if (this.#takes(']')) return { kind: 'array', offset, items }
      if (!this.#takes(',')) this.#fail('"," or "]"')
    }
  }

  #string(): string {
    let out = ''
    this.#at++
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined) this.#fail('a closing double quote')
      if (char < ' ') this.#fail('a closing double quote (control characters must be escaped)')
      this.#at++
      if (char === '"') return out
      out += char === '\\' ? this.#escape() : char
    }
  }

  #escape(): string {
    const char = this.#text[this.#at] ?? ''
    if (char === 'u') {
      const digits = this.#text.slice(this.#at + 1, this.#at + 5)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail('four hexadecimal digits after \\u')
      this.#at += 5
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const plain = ESCAPED[char]
    if (plain === undefined) this.#fail('an escape of JSON')
    this.#at++
    return plain
  }

  #takes(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }

  #blanks(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++
  }

  /** Says what came without quoting more than one character: the text may be a secret. */
  #fail(expected: string): never {
    const char = this.#text[this.#at]
    const found = char === undefined ? 'the end of the text' : `${JSON.stringify(char)}`
    throw new JsonSyntaxFailure(`expected ${expected}, found ${found}`, this.#at)
  }
}
