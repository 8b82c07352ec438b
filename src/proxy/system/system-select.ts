/**
 * Parses the SELECT statements that drivers send for system.local and system.peers.
 * Understood: `*`, columns with aliases, count(*), WHERE column = literal or variable with AND,
 * LIMIT, ALLOW FILTERING. Anything else is `undefined`.
 * Spec: live-migration 2.7 (selectors to support).
 */
import { CqlTokenizer, TOKEN } from '../statement/tokenizer.ts'

export interface SelectedColumn {
  /** `*` inside count. */
  readonly column: string
  readonly isCount: boolean
  readonly alias: string | undefined
}

export interface Condition {
  readonly column: string
  /** The literal's content; undefined for a variable. */
  readonly literal: string | undefined
  /** Of a variable: its place, and its name when it has one. */
  readonly variable: number
  readonly variableName: string | undefined
}

export interface SystemSelect {
  readonly table: string
  /** Undefined: all columns. */
  readonly columns: readonly SelectedColumn[] | undefined
  readonly conditions: readonly Condition[]
  readonly limit: number | undefined
}

export function parseSystemSelect(text: string): SystemSelect | undefined {
  return new SelectParser(text).parse()
}

class SelectParser {
  readonly #token: CqlTokenizer
  #variables = 0

  constructor(text: string) {
    this.#token = new CqlTokenizer(text)
    this.#token.next()
  }

  parse(): SystemSelect | undefined {
    if (!this.#word('SELECT')) return undefined
    const columns = this.#columns()
    if (columns === false || !this.#word('FROM')) return undefined
    const table = this.#table()
    const conditions = this.#conditions()
    if (table === undefined || conditions === undefined) return undefined
    const limit = this.#limit()
    if (limit === false) return undefined
    if (this.#word('ALLOW') && !this.#word('FILTERING')) return undefined
    this.#symbol(';')
    if (this.#token.kind !== TOKEN.END) return undefined
    return { table, columns, conditions, limit }
  }

  /** False: not understood; undefined: all. */
  #columns(): SelectedColumn[] | undefined | false {
    if (this.#symbol('*')) return undefined
    const columns: SelectedColumn[] = []
    do {
      const column = this.#name()
      if (column === undefined) return false
      const isCount = this.#symbol('(')
      if (isCount && (column !== 'count' || !this.#countArgument())) return false
      const alias = this.#word('AS') ? this.#name() : undefined
      columns.push({ column, isCount, alias })
    } while (this.#symbol(','))
    return columns
  }

  #countArgument(): boolean {
    const isKnown = this.#token.isSymbol('*') || this.#token.value === '1'
    this.#token.next()
    return isKnown && this.#symbol(')')
  }

  #table(): string | undefined {
    const first = this.#name()
    return this.#symbol('.') ? this.#name() : first
  }

  #conditions(): Condition[] | undefined {
    const conditions: Condition[] = []
    if (!this.#word('WHERE')) return conditions
    do {
      const column = this.#name()
      if (column === undefined || !this.#symbol('=')) return undefined
      const value = this.#term()
      if (value === undefined) return undefined
      conditions.push({ column, ...value })
    } while (this.#word('AND'))
    return conditions
  }

  #term(): Omit<Condition, 'column'> | undefined {
    const token = this.#token
    if (this.#symbol('?')) {
      return { literal: undefined, variable: this.#variables++, variableName: undefined }
    }
    if (this.#symbol(':')) {
      const variableName = this.#name()
      return { literal: undefined, variable: this.#variables++, variableName }
    }
    if (token.kind !== TOKEN.STRING || !token.text.startsWith("'", token.start)) return undefined
    const literal = token.value.slice(1, -1).replaceAll("''", "'")
    token.next()
    return { literal, variable: -1, variableName: undefined }
  }

  #limit(): number | undefined | false {
    if (!this.#word('LIMIT')) return undefined
    const limit = Number(this.#token.value)
    if (!Number.isSafeInteger(limit) || limit < 1) return false
    this.#token.next()
    return limit
  }

  #name(): string | undefined {
    const name = this.#token.identifier
    if (name !== undefined) this.#token.next()
    return name
  }

  #word(upper: string): boolean {
    if (!this.#token.isWord(upper)) return false
    this.#token.next()
    return true
  }

  #symbol(symbol: string): boolean {
    if (!this.#token.isSymbol(symbol)) return false
    this.#token.next()
    return true
  }
}
