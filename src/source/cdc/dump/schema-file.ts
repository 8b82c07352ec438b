/**
 * Tables from a file of CQL statements, as `DESCRIBE … WITH INTERNALS` writes them: CREATE TYPE,
 * CREATE TABLE (with `ID = uuid`), and ALTER TABLE … DROP c USING TIMESTAMP µs. The rest is passed over.
 * Called once by the dump. Gives the rows of system_schema, so that one catalog serves all origins.
 * Invariant: a statement that is understood is read whole; one that is not is an error with its line.
 * Spec: cdc-replication 2.6 ("Schema of a table id").
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import type {
  ColumnRow,
  DroppedColumnRow,
  SchemaRows,
  TableRow,
  TypeRow,
} from '../../../commitlog/index.ts'
import { CDC_ERRORS } from '../errors.ts'
import { splitStatements, type Token } from './ddl-tokens.ts'

/** A table whose id the file does not tell has an empty `id`. */
export function readSchemaFile(text: string, file: string): SchemaRows {
  return new SchemaFileReader(text, file).read()
}

class SchemaFileReader {
  readonly #text: string
  readonly #file: string
  readonly #tables: TableRow[] = []
  readonly #columns: ColumnRow[] = []
  readonly #dropped: DroppedColumnRow[] = []
  readonly #types: TypeRow[] = []
  #keyspace = ''
  #tokens: readonly Token[] = []
  #at = 0

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
  }

  read(): SchemaRows {
    for (const tokens of splitStatements(this.#text)) {
      this.#tokens = tokens
      this.#at = 0
      this.#readStatement()
    }
    return {
      ...{ tables: this.#tables, columns: this.#columns },
      ...{ droppedColumns: this.#dropped, types: this.#types },
    }
  }

  #readStatement(): void {
    if (this.#accept('use')) this.#keyspace = this.#name()
    else if (this.#accept('create')) {
      if (this.#accept('type')) this.#readType()
      else if (this.#accept('table') || this.#accept('columnfamily')) this.#readTable()
    } else if (this.#accept('alter') && this.#accept('table')) this.#readAlter()
  }

  #readType(): void {
    this.#skipIfNotExists()
    const [keyspace, name] = this.#qualified()
    const fields: [name: string, type: string][] = []
    this.#expect('(')
    do {
      if (this.#peek(')')) break
      fields.push([this.#name(), this.#typeText()])
    } while (this.#accept(','))
    this.#expect(')')
    const fieldNames = fields.map(field => field[0])
    this.#types.push({ keyspace, name, fieldNames, fieldTypes: fields.map(field => field[1]) })
  }

  #readTable(): void {
    this.#skipIfNotExists()
    const [keyspace, table] = this.#qualified()
    const columns: { column: string; type: string; isStatic: boolean }[] = []
    let partition: string[] = []
    let clustering: string[] = []
    this.#expect('(')
    do {
      if (this.#peek(')')) break
      if (this.#peek('primary') && this.#peek('key', 1)) {
        this.#at += 2
        ;[partition, clustering] = this.#primaryKey()
        continue
      }
      const column = this.#name()
      const type = this.#typeText()
      columns.push({ column, type, isStatic: this.#accept('static') })
      if (this.#accept('primary')) {
        this.#expect('key')
        partition = [column]
      }
    } while (this.#accept(','))
    this.#expect(')')
    const { id, isCdc } = this.#tableOptions()
    const isCounter = columns.some(one => one.type.toLowerCase() === 'counter')
    this.#tables.push({ keyspace, table, id, isCdc, isCounter })
    const place = { partition, clustering }
    for (const one of columns) this.#columns.push(columnRow({ keyspace, table }, one, place))
  }

  #primaryKey(): [partition: string[], clustering: string[]] {
    this.#expect('(')
    const partition: string[] = []
    if (this.#accept('(')) {
      do partition.push(this.#name())
      while (this.#accept(','))
      this.#expect(')')
    } else partition.push(this.#name())
    const clustering: string[] = []
    while (this.#accept(',')) clustering.push(this.#name())
    this.#expect(')')
    return [partition, clustering]
  }

  /** `ID = uuid` and `cdc = true`; values of other options are passed over. */
  #tableOptions(): { id: string; isCdc: boolean } {
    let id = ''
    let isCdc = false
    for (; this.#at < this.#tokens.length; this.#at++) {
      if (!this.#peek('=', 1)) continue
      const value = this.#tokens[this.#at + 2]?.text.toLowerCase() ?? ''
      if (this.#peek('id')) id = value
      if (this.#peek('cdc')) isCdc = value === 'true' || value === "'true'"
    }
    return { id, isCdc }
  }

  #readAlter(): void {
    if (this.#accept('if')) this.#expect('exists')
    const [keyspace, table] = this.#qualified()
    if (this.#accept('drop')) this.#readDrop(keyspace, table)
    else if (this.#accept('add')) this.#readAdd(keyspace, table)
  }

  #readDrop(keyspace: string, table: string): void {
    if (this.#accept('if')) this.#expect('exists')
    const isList = this.#accept('(')
    const names = [this.#name()]
    while (isList && this.#accept(',')) names.push(this.#name())
    if (isList) this.#expect(')')
    if (!this.#accept('using')) return
    this.#expect('timestamp')
    const microseconds = BigInt(this.#next().text)
    for (const column of names) {
      const isIt = (one: ColumnRow) =>
        one.keyspace === keyspace && one.table === table && one.column === column
      const index = this.#columns.findIndex(isIt)
      const row = this.#columns[index]
      if (row === undefined) continue
      this.#columns.splice(index, 1)
      const { kind, type } = row
      const droppedAtMs = microseconds / 1000n
      this.#dropped.push({ keyspace, table, column, kind, type, droppedAtMs })
    }
  }

  /** A column that was dropped and added again. */
  #readAdd(keyspace: string, table: string): void {
    if (this.#accept('if')) {
      this.#expect('not')
      this.#expect('exists')
    }
    const isList = this.#accept('(')
    do {
      const column = this.#name()
      const type = this.#typeText()
      const kind = this.#accept('static') ? 'static' : 'regular'
      this.#columns.push({ keyspace, table, column, kind, position: -1, type })
    } while (isList && this.#accept(','))
  }

  /** The text of a type, up to the comma or bracket that ends it. */
  #typeText(): string {
    const first = this.#next()
    let depth = 0
    let last = first
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at]!
      if (token.text === '<') depth++
      else if (token.text === '>') depth--
      else if (depth === 0) break
      last = token
      this.#at++
    }
    return this.#text.slice(first.start, last.end).replace(/\s+/g, ' ')
  }

  #skipIfNotExists(): void {
    if (!this.#accept('if')) return
    this.#expect('not')
    this.#expect('exists')
  }

  #qualified(): [keyspace: string, name: string] {
    const token = this.#next()
    if (token.kind === 'name' && token.text.includes('.')) {
      const [keyspace = '', ...rest] = token.text.split('.')
      // `ks."Table"`: the dot stays with the unquoted part.
      const name = rest.join('.') === '' ? this.#name() : rest.join('.').toLowerCase()
      return [keyspace.toLowerCase(), name]
    }
    const name = nameOf(token)
    if (!(this.#tokens[this.#at]?.text.startsWith('.') ?? false)) return [this.#keyspace, name]
    const dot = this.#next()
    return [name, dot.text === '.' ? this.#name() : dot.text.slice(1).toLowerCase()]
  }

  #name(): string {
    return nameOf(this.#next())
  }

  #next(): Token {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw this.#error('the end of the statement')
    return token
  }

  #peek(word: string, ahead = 0): boolean {
    const token = this.#tokens[this.#at + ahead]
    if (token === undefined || token.kind === 'quoted' || token.kind === 'string') return false
    return token.text.toLowerCase() === word
  }

  #accept(word: string): boolean {
    const isThere = this.#peek(word)
    if (isThere) this.#at++
    return isThere
  }

  #expect(word: string): void {
    if (!this.#accept(word))
      throw this.#error(`"${this.#tokens[this.#at]?.text ?? 'its end'}"`, word)
  }

  #error(found: string, expected = 'more'): ScamanderError {
    const start = this.#tokens[0]?.start ?? 0
    const line = this.#text.slice(0, start).split('\n').length
    const message = `${this.#file}, statement at line ${line}: expected ${expected}, found ${found}`
    return new ScamanderError(CDC_ERRORS.SCHEMA_FILE, message)
  }
}

function nameOf({ kind, text }: Token): string {
  return kind === 'quoted' ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase()
}

function columnRow(
  of: { readonly keyspace: string; readonly table: string },
  { column, type, isStatic }: { column: string; type: string; isStatic: boolean },
  { partition, clustering }: { partition: string[]; clustering: string[] },
): ColumnRow {
  const inPartition = partition.indexOf(column)
  if (inPartition >= 0) return { ...of, column, kind: 'partition_key', position: inPartition, type }
  const inClustering = clustering.indexOf(column)
  if (inClustering >= 0) return { ...of, column, kind: 'clustering', position: inClustering, type }
  return { ...of, column, kind: isStatic ? 'static' : 'regular', position: -1, type }
}
