/**
 * Reads a statement's text once and tells what it is: kind, table, conditions, functions.
 * Called for every QUERY and PREPARE and for texts in batches; results are cached by text.
 * Classification follows tokens, so comments, quotes and letter case cannot mislead it.
 * Invariant: never throws; what it does not know is `unknown` and goes to both clusters.
 * Spec: live-migration 2.6, 2.7.
 */
import { FunctionFinder, isNamedMarker } from './find-functions.ts'
import type { ReplayObstacle, StatementInfo, StatementKind } from './statement-info.ts'
import { CqlTokenizer, TOKEN } from './tokenizer.ts'

const KINDS: ReadonlyMap<string, StatementKind> = new Map([
  ['SELECT', 'select'],
  ['INSERT', 'insert'],
  ['UPDATE', 'update'],
  ['DELETE', 'delete'],
  ['BEGIN', 'batch'],
  ['TRUNCATE', 'truncate'],
  ['USE', 'use'],
  ['LIST', 'list'],
  ['DESCRIBE', 'describe'],
  ['DESC', 'describe'],
  ['CREATE', 'schema'],
  ['ALTER', 'schema'],
  ['DROP', 'schema'],
  ['GRANT', 'schema'],
  ['REVOKE', 'schema'],
  ['COMMENT', 'schema'],
])

export function classify(text: string): StatementInfo {
  const token = new CqlTokenizer(text)
  token.next()
  const kind = (token.kind === TOKEN.WORD && KINDS.get(token.value.toUpperCase())) || 'unknown'
  switch (kind) {
    case 'select':
      return { ...EMPTY, kind, ...tableAfterFrom(token) }
    case 'insert':
    case 'update':
    case 'delete':
    case 'batch':
      return new WriteScan(token, kind).run()
    case 'truncate':
      return { ...EMPTY, kind, ...tableOfTruncate(token), obstacle: 'truncate' }
    case 'use':
      token.next()
      return { ...EMPTY, kind, keyspace: token.identifier }
    default:
      return { ...EMPTY, kind }
  }
}

const EMPTY: StatementInfo = {
  kind: 'unknown',
  keyspace: undefined,
  table: undefined,
  isConditional: false,
  obstacle: undefined,
  incrementedColumns: [],
  functions: [],
  hasNamedMarkers: false,
}

type TableName = Pick<StatementInfo, 'keyspace' | 'table'>
const NO_TABLE: TableName = { keyspace: undefined, table: undefined }

function tableAfterFrom(token: CqlTokenizer): TableName {
  let depth = 0
  while (token.next() !== TOKEN.END) {
    if (token.isSymbol('(')) depth++
    else if (token.isSymbol(')')) depth--
    else if (depth === 0 && token.isWord('FROM')) {
      token.next()
      return readName(token)
    }
  }
  return NO_TABLE
}

function tableOfTruncate(token: CqlTokenizer): TableName {
  token.next()
  if (token.isWord('TABLE') || token.isWord('COLUMNFAMILY')) token.next()
  return readName(token)
}

/** `table` or `keyspace.table` at the current token, which stays on the name's last token. */
function readName(token: CqlTokenizer): TableName {
  const first = token.identifier
  if (first === undefined) return NO_TABLE
  const ahead = new CqlTokenizer(token.text, token.end)
  ahead.next()
  if (!ahead.isSymbol('.')) return { keyspace: undefined, table: first }
  token.next()
  token.next()
  return { keyspace: first, table: token.identifier }
}

/** One pass over a write: its first table, conditions, increments, functions, markers. */
class WriteScan {
  readonly #token: CqlTokenizer
  readonly #kind: StatementKind
  readonly #functions = new FunctionFinder()
  readonly #increments: string[] = []
  #table: TableName = NO_TABLE
  #isConditional = false
  #isCounter = false
  #hasNamedMarkers = false
  #obstacle: ReplayObstacle | undefined
  #braces = 0

  constructor(token: CqlTokenizer, kind: StatementKind) {
    this.#token = token
    this.#kind = kind
  }

  run(): StatementInfo {
    const token = this.#token
    let expectsTable = this.#kind === 'update'
    let isFirst = true
    do {
      if (expectsTable && !isFirst) {
        if (this.#table.table === undefined) this.#table = readName(token)
        expectsTable = false
      } else if (token.kind === TOKEN.WORD) {
        if (token.isWord('IF')) this.#isConditional = true
        else if (isFirst || this.#kind === 'batch' || token.isWord('FROM')) {
          expectsTable = token.isWord('INTO') || token.isWord('UPDATE') || token.isWord('FROM')
        } else expectsTable = token.isWord('INTO')
        if (this.#kind === 'batch' && token.isWord('COUNTER')) this.#isCounter = true
      } else this.#lookAtSymbol()
      this.#functions.look(token)
      isFirst = false
    } while (token.next() !== TOKEN.END)
    return this.#result()
  }

  #result(): StatementInfo {
    const obstacle = this.#isConditional
      ? 'conditional'
      : this.#isCounter
        ? 'counter'
        : this.#obstacle
    return {
      kind: this.#kind,
      ...this.#table,
      isConditional: this.#isConditional,
      obstacle,
      incrementedColumns: this.#increments,
      functions: this.#functions.calls,
      hasNamedMarkers: this.#hasNamedMarkers,
    }
  }

  #lookAtSymbol(): void {
    const token = this.#token
    if (token.isSymbol('{')) this.#braces++
    else if (token.isSymbol('}')) this.#braces--
    else if (token.isSymbol('=')) this.#lookBehindEquals()
    else if (token.isSymbol('+') || token.isSymbol('-')) this.#lookAtCompound()
    else if (token.isSymbol(':') && isNamedMarker(token, this.#braces)) this.#hasNamedMarkers = true
    else if (token.isSymbol('[') && this.#kind !== 'insert') this.#lookAtIndex()
  }

  /** `x += …`, `x -= …`: the sign stands right before an equals sign. */
  #lookAtCompound(): void {
    const ahead = new CqlTokenizer(this.#token.text, this.#token.end)
    ahead.next()
    if (!ahead.isSymbol('=')) return
    ahead.next()
    this.#judge(ahead, undefined)
  }

  /** `x = x + …`, `x = x - …` and `x = … + x` change what is there. */
  #lookBehindEquals(): void {
    const column = nameBefore(this.#token.text, this.#token.start)
    if (column === undefined) return
    const ahead = new CqlTokenizer(this.#token.text, this.#token.end)
    ahead.next()
    if (ahead.identifier === column) {
      ahead.next()
      if (!ahead.isSymbol('+') && !ahead.isSymbol('-')) return
      ahead.next()
      this.#judge(ahead, column)
    } else if (ahead.isSymbol('[') || ahead.isSymbol('?') || ahead.isSymbol(':')) {
      if (isAddedTo(ahead, column)) this.#obstacle ??= 'increment'
    }
  }

  /** The operand tells: a set or map may be added twice, a list or number may not. */
  #judge(operand: CqlTokenizer, column: string | undefined): void {
    if (operand.isSymbol('{')) return
    const isMarker = operand.isSymbol('?') || operand.isSymbol(':')
    if (isMarker && column !== undefined) this.#increments.push(column)
    else this.#obstacle ??= operand.kind === TOKEN.NUMBER ? 'counter' : 'increment'
  }

  /** `list[3] = …` and `DELETE list[3]` depend on what is there; `map['k']` does not. */
  #lookAtIndex(): void {
    const { text, start, end } = this.#token
    if (nameBefore(text, start) === undefined) return
    const ahead = new CqlTokenizer(text, end)
    if (ahead.next() === TOKEN.NUMBER) this.#obstacle ??= 'increment'
  }
}

/** The identifier that ends right before `at`, blanks aside. */
function nameBefore(text: string, at: number): string | undefined {
  let end = at
  while (end > 0 && text.charCodeAt(end - 1) <= 32) end--
  if (text[end - 1] === '"') {
    const open = text.lastIndexOf('"', end - 2)
    return open < 0 ? undefined : text.slice(open + 1, end - 1)
  }
  let start = end
  while (start > 0 && isNameCode(text.charCodeAt(start - 1))) start--
  return start === end ? undefined : text.slice(start, end).toLowerCase()
}

function isNameCode(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || (code >= 48 && code <= 57) || code === 95
}

/** From a literal or marker on: does `+ column` follow? */
function isAddedTo(ahead: CqlTokenizer, column: string): boolean {
  let depth = 0
  for (let i = 0; i < 10_000 && ahead.kind !== TOKEN.END; i++) {
    if (ahead.isSymbol('[') || ahead.isSymbol('(')) depth++
    else if (ahead.isSymbol(']') || ahead.isSymbol(')')) depth--
    else if (depth === 0 && (ahead.isSymbol(',') || ahead.isWord('WHERE'))) return false
    else if (depth === 0 && ahead.isSymbol('+')) {
      ahead.next()
      return ahead.identifier === column
    }
    ahead.next()
  }
  return false
}
