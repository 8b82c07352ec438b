/**
 * What a KCQL statement of a source means: which table, which columns under which names, how it is
 * read and what its records look like. Made from the syntax tree; the table is not known yet.
 * Problems come with their place in the text, so that configurations are refused before a start.
 * Spec: cassandra-sink 11.1, 11.3, 11.5.
 */
import { CLAUSE_NAMES, type KcqlInsert, type KcqlPath, type KcqlSpan } from '../../../kcql/index.ts'

export type ReadMode = 'bulk' | 'timestamp' | 'timeuuid' | 'token' | 'bucket' | 'search'

export interface SelectedColumn {
  readonly name: string
  readonly alias: string
  readonly at: KcqlSpan
}

export interface SourceStatement {
  /** As written: `table` or `keyspace.table`. */
  readonly table: string
  readonly topic: string
  /** Undefined: all columns. */
  readonly columns: readonly SelectedColumn[] | undefined
  readonly ignored: readonly string[]
  readonly mode: ReadMode
  /** The column of PK; undefined in mode bulk. */
  readonly keyColumn: string | undefined
  /** BATCH */
  readonly batch: number | undefined
  readonly form: 'struct' | 'text' | 'json'
  /** WITHKEY, with form json only. */
  readonly withKey: readonly string[]
  /** Where names stand in the KCQL text. */
  readonly places: ReadonlyMap<string, number>
  readonly keyDelimiter: string
}

export interface StatementProblem {
  readonly offset: number
  readonly message: string
  readonly hint?: string
  readonly isWarning?: boolean
}

/** Everything else is accepted and told: it changes nothing here. */
const EFFECTIVE: ReadonlySet<string> = new Set([
  'PK',
  'BATCH',
  'INCREMENTALMODE',
  'WITHFORMAT',
  'WITHUNWRAP',
  'WITHKEY',
  'KEYDELIMITER',
])

const MODES: Readonly<Record<string, ReadMode>> = {
  BULK: 'bulk',
  NONE: 'bulk',
  TIMESTAMP: 'timestamp',
  TIMEUUID: 'timeuuid',
  TOKEN: 'token',
  BUCKETTIMESERIES: 'bucket',
  DSESEARCHTIMESTAMP: 'search',
  SOLR: 'search',
}

/** `fallback`: the mode of statements that name none. */
export function toSourceStatement(
  insert: KcqlInsert,
  fallback: ReadMode,
): { readonly statement: SourceStatement; readonly problems: readonly StatementProblem[] } {
  const problems: StatementProblem[] = []
  const columns = columnsOf(insert, problems)
  const ignored = insert.ignore.map(path => nameOf(path, problems))
  const mode = modeOf(insert, fallback, problems)
  const keyColumn = keyOf(insert, { mode, columns }, problems)
  const { clauses } = insert
  const isJson = clauses.WITHFORMAT?.value === 'JSON'
  const isUnwrapped = clauses.WITHUNWRAP !== undefined
  const hasKey = isUnwrapped && isJson
  if (hasKey) checkKeys(insert, { columns, ignored }, problems)
  checkClauses(insert, hasKey, problems)
  const statement: SourceStatement = {
    table: insert.source.text,
    topic: insert.target.text,
    columns,
    ignored,
    mode,
    keyColumn,
    batch: clauses.BATCH?.value,
    form: isUnwrapped ? (isJson ? 'json' : 'text') : 'struct',
    withKey: hasKey ? (clauses.WITHKEY?.value ?? []) : [],
    keyDelimiter: clauses.KEYDELIMITER?.value ?? ',',
    places: placesOf(insert),
  }
  return { statement, problems }
}

/** Of the table, and of columns that are selected, ignored, of PK or of WITHKEY. */
function placesOf({ columns, ignore, clauses, source }: KcqlInsert): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  const { PK, WITHKEY } = clauses
  for (const name of WITHKEY?.value ?? []) places.set(name, WITHKEY!.at.start)
  for (const { steps, at } of [...(PK?.value ?? []), ...ignore])
    places.set(steps[0] ?? '', at.start)
  for (const { expression, at } of columns) {
    if (expression.kind === 'path') places.set(expression.path.steps[0] ?? '', at.start)
  }
  return places.set(source.text, source.at.start)
}

function columnsOf(
  { columns }: KcqlInsert,
  problems: StatementProblem[],
): SelectedColumn[] | undefined {
  if (columns.some(column => column.expression.kind === 'all')) {
    const other = columns.find(column => column.expression.kind !== 'all')
    if (other !== undefined) {
      const message = 'a source selects either * or columns'
      problems.push({ offset: other.at.start, message, hint: 'name every column' })
    }
    return undefined
  }
  const names = new Set<string>()
  return columns.flatMap(({ expression, alias, at }) => {
    if (expression.kind !== 'path') {
      problems.push({ offset: at.start, message: 'a source selects columns, not functions' })
      return []
    }
    const name = nameOf(expression.path, problems)
    const shown = alias ?? name
    if (names.has(shown)) {
      const message = `two columns are called ${shown}`
      problems.push({ offset: at.start, message, hint: 'give one of them another name by AS' })
    }
    names.add(shown)
    return [{ name, alias: shown, at }]
  })
}

function nameOf(path: KcqlPath, problems: StatementProblem[]): string {
  if (path.steps.length !== 1 || path.wildcard) {
    const hint = 'fields of user-defined types are not selected one by one'
    problems.push({ offset: path.at.start, message: 'expected the name of a column', hint })
  }
  return path.steps[0] ?? ''
}

/** The columns of WITHKEY are among those that records show; of `*` only the table can tell. */
function checkKeys(
  { clauses }: KcqlInsert,
  shown: {
    readonly columns: readonly SelectedColumn[] | undefined
    readonly ignored: readonly string[]
  },
  problems: StatementProblem[],
): void {
  const clause = clauses.WITHKEY
  for (const key of clause?.value ?? []) {
    const isSelected = shown.columns?.some(one => one.name === key || one.alias === key) ?? true
    if (isSelected && !shown.ignored.includes(key)) continue
    const message = `the column of WITHKEY, ${key}, is not selected`
    problems.push({ offset: clause!.at.start, message, hint: `add ${key} to the columns` })
  }
}

function checkClauses(
  { clauses }: KcqlInsert,
  hasKey: boolean,
  problems: StatementProblem[],
): void {
  for (const name of CLAUSE_NAMES) {
    const clause = clauses[name]
    if (clause === undefined) continue
    const offset = clause.at.start
    if (!EFFECTIVE.has(name)) {
      problems.push({ offset, message: `${name} has no effect in this source`, isWarning: true })
    } else if ((name === 'WITHKEY' || name === 'KEYDELIMITER') && !hasKey) {
      const message = `${name} has no effect without WITHUNWRAP and WITHFORMAT JSON`
      problems.push({ offset, message, isWarning: true })
    }
  }
}

function modeOf(
  { clauses }: KcqlInsert,
  fallback: ReadMode,
  problems: StatementProblem[],
): ReadMode {
  const clause = clauses.INCREMENTALMODE
  if (clause === undefined) return fallback
  const mode = MODES[clause.value.toUpperCase()]
  if (mode !== undefined) return mode
  const message = `expected INCREMENTALMODE BULK, TIMESTAMP, TIMEUUID, TOKEN, BUCKETTIMESERIES or DSESEARCHTIMESTAMP, found ${clause.value}`
  problems.push({ offset: clause.at.start, message })
  return fallback
}

function keyOf(
  { clauses, at }: KcqlInsert,
  read: { readonly mode: ReadMode; readonly columns: readonly SelectedColumn[] | undefined },
  problems: StatementProblem[],
): string | undefined {
  const clause = clauses.PK
  if (read.mode === 'bulk') return undefined
  const paths = clause?.value ?? []
  const offset = clause?.at.start ?? at.start
  if (paths.length !== 1) {
    const message = `expected PK with exactly one column in this mode, found ${paths.length}`
    problems.push({ offset, message, hint: 'name the column that the mode goes by' })
    return undefined
  }
  const name = nameOf(paths[0]!, problems)
  if (read.columns === undefined || read.columns.some(column => column.name === name)) return name
  const message = `the column of PK, ${name}, is not selected`
  problems.push({ offset, message, hint: `add ${name} to the columns, or select *` })
  return name
}
