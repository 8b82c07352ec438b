/**
 * Reads the part of YAML that configurations are written in: maps, lists, quoted and plain texts, block
 * texts, several documents. Used by the reader of pastes; pure.
 * Invariants: a scalar stays the text that was written, so that no number changes; what is not understood
 * (anchors, tags, tabs, counted indents) is told with its line, never guessed.
 * Spec: ui 5.4 (accepted pastes: Strimzi, plain YAML map); YAML 1.2, chapters 7 and 8.
 */
export type YamlValue = string | null | readonly YamlValue[] | YamlMap

export interface YamlMap {
  readonly [key: string]: YamlValue
}

/** One value per document; throws an Error whose message says where. */
export function parseYaml(text: string): YamlValue[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  const documents: string[][] = [[]]
  const starts: number[] = [0]
  for (const [index, line] of lines.entries()) {
    if (!/^(?:---|\.\.\.)(?:\s|$)/.test(line)) documents.at(-1)?.push(line)
    else {
      documents.push([])
      starts.push(index + 1)
    }
  }
  return documents.flatMap((document, index) => {
    const reader = new YamlReader(document, starts[index] ?? 0)
    return reader.isEmpty ? [] : [reader.document()]
  })
}

interface Line {
  readonly indent: number
  readonly text: string
}

const DEPTH_MAX = 32

class YamlReader {
  readonly #lines: string[]
  readonly #firstAt: number
  #at = 0
  #depth = 0

  constructor(lines: readonly string[], firstAt: number) {
    this.#lines = [...lines]
    this.#firstAt = firstAt
  }

  get isEmpty(): boolean {
    return this.#peek() === undefined
  }

  document(): YamlValue {
    const value = this.#node(this.#peek()?.indent ?? 0)
    if (this.#peek() !== undefined) throw this.#problem('expected less indentation')
    return value
  }

  /** The next line that is neither empty nor a comment. */
  #peek(): Line | undefined {
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] ?? ''
      const text = line.trimStart()
      if (text === '' || text.startsWith('#')) continue
      const indent = line.length - text.length
      if (line.slice(0, indent).includes('\t')) throw this.#problem('expected blanks, found a tab')
      return { indent, text: text.trimEnd() }
    }
    return undefined
  }

  #node(indent: number): YamlValue {
    if (++this.#depth > DEPTH_MAX) throw this.#problem('expected fewer levels')
    const isList = isItem(this.#peek()?.text ?? '')
    const value = isList ? this.#list(indent) : this.#map(indent)
    this.#depth--
    return value
  }

  #list(indent: number): YamlValue[] {
    const items: YamlValue[] = []
    for (;;) {
      const line = this.#peek()
      if (line === undefined || line.indent !== indent || !isItem(line.text)) return items
      const rest = line.text.slice(1)
      const inner = rest.trimStart()
      if (inner === '') {
        this.#at++
        items.push(this.#below(indent))
      } else if (/^(?:[^"'{[]|"[^"]*"|'[^']*')+?:(?:\s|$)/.test(inner)) {
        // The map goes on behind the dash.
        const column = indent + 1 + rest.length - inner.length
        this.#lines[this.#at] = ' '.repeat(column) + inner
        items.push(this.#node(column))
      } else items.push(this.#scalar(inner, indent))
    }
  }

  #map(indent: number): YamlMap {
    const members: [string, YamlValue][] = []
    for (;;) {
      const line = this.#peek()
      if (line === undefined || line.indent < indent) return Object.fromEntries(members)
      if (line.indent > indent) throw this.#problem('expected less indentation')
      const [, key, rest = ''] = KEY.exec(line.text) ?? []
      if (key === undefined) {
        throw this.#problem(`expected key: value, found "${line.text.slice(0, 40)}"`)
      }
      members.push([this.#keyText(key.trim()), this.#value(rest.trim(), indent)])
    }
  }

  #value(rest: string, indent: number): YamlValue {
    if (rest !== '' && !rest.startsWith('#')) return this.#scalar(rest, indent)
    this.#at++
    return this.#below(indent)
  }

  /** What stands deeper; a list may stand as deep as its key. */
  #below(indent: number): YamlValue {
    const next = this.#peek()
    if (next === undefined) return null
    const isInside = next.indent > indent || (next.indent === indent && isItem(next.text))
    return isInside ? this.#node(next.indent) : null
  }

  #scalar(text: string, indent: number): YamlValue {
    if (/^[&*!]/.test(text)) throw this.#problem('anchors, aliases and tags are not read')
    if (/^[|>][+-]?(?:\s+#.*)?$/.test(text)) return this.#block(text, indent)
    if (/^[|>%@`]/.test(text)) throw this.#problem(`expected a text, found "${text.slice(0, 40)}"`)
    if (/^[{[]/.test(text)) return this.#flow(text)
    let whole = text
    this.#at++
    const quote = /^["']/.exec(text)?.[0]
    for (let line = this.#peek(); line !== undefined; line = this.#peek()) {
      const goesOn = quote === undefined ? line.indent > indent : !isClosed(whole, quote)
      if (!goesOn) break
      whole += ` ${line.text}`
      this.#at++
    }
    if (quote !== undefined) return this.#quoted(whole, quote)
    const plain = whole.replace(/\s+#.*$/, '')
    return plain === '~' || plain === 'null' ? null : plain
  }

  #block(head: string, indent: number): string {
    const taken: string[] = []
    this.#at++
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] ?? ''
      if (line.trim() !== '' && line.length - line.trimStart().length <= indent) break
      taken.push(line)
    }
    const first = taken.find(line => line.trim() !== '') ?? ''
    const from = first.length - first.trimStart().length
    const own = taken.map(line => line.slice(from))
    const body = own.join('\n').trimEnd()
    const text = head.startsWith('>') ? body.replace(/([^\n])\n(?=[^\n\s])/g, '$1 ') : body
    return head.includes('-') || text === '' ? text : `${text}\n`
  }

  #flow(text: string): YamlValue {
    try {
      const value = JSON.parse(text.replace(/\s+#.*$/, '')) as YamlValue
      this.#at++
      return value
    } catch {
      throw this.#problem('expected braces and brackets as in JSON, on one line')
    }
  }

  #quoted(text: string, quote: string): string {
    const end = lastQuote(text, quote)
    const rest = text.slice(end + 1).trim()
    if (end < 0 || (rest !== '' && !rest.startsWith('#'))) {
      this.#at--
      throw this.#problem('expected the end of the quoted text')
    }
    const inner = text.slice(1, end)
    if (quote === "'") return inner.replaceAll("''", "'")
    try {
      return JSON.parse(`"${inner}"`) as string
    } catch {
      this.#at--
      throw this.#problem('expected escapes as in JSON')
    }
  }

  #keyText(key: string): string {
    const quote = /^["']/.exec(key)?.[0]
    return quote === undefined ? key : this.#quoted(key, quote)
  }

  #problem(what: string): Error {
    return new Error(`Line ${this.#firstAt + this.#at + 1}: ${what}.`)
  }
}

const KEY =
  /^("(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^"'{}[\],&*!|>%@`#\s-](?:[^:]|:(?=\S))*?)\s*:(?:\s+(.*))?$/s

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ')
}

function isClosed(text: string, quote: string): boolean {
  return lastQuote(text, quote) > 0
}

/** Of the quote that ends a text that begins with one; -1: there is none. */
function lastQuote(text: string, quote: string): number {
  for (let at = 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++
    else if (text[at] === quote) {
      if (quote === "'" && text[at + 1] === "'") at++
      else return at
    }
  }
  return -1
}
