/**
 * `REPLICATE dest (col type, …, PRIMARY KEY (…)) WITH option = value, … SELECT …` as its parts; instead
 * of the SELECT there may be the name of one table, which then is copied. Used by task-setup.ts and
 * task-change.ts. The SELECT itself is checked by the SQL engine.
 * Invariant: what is refused is told with its line and column in the text.
 * Spec: backlog-replication 2.6.
 */
import type { TaskMode, TaskOptions } from '../api-v1.ts'
import { QueryCursor } from './query-cursor.ts'
import { readOptions } from './query-options.ts'
import { toSnake } from './source-table.ts'

export interface QueryText {
  readonly destination: string
  /** CQL types by lower-case name. */
  readonly types: ReadonlyMap<string, string>
  /** Empty: no PRIMARY KEY was written. */
  readonly partition: readonly string[]
  readonly clustering: readonly { readonly name: string; readonly isDescending: boolean }[]
  readonly mode: TaskMode | undefined
  readonly options: TaskOptions
  /** Where `PRIMARY KEY (…)` stands in the text. */
  readonly keyPlace: { readonly from: number; readonly to: number } | undefined
  /** Of a query that copies one table. */
  readonly source: string | undefined
  readonly select: string
  /** Where `select` begins in the text. */
  readonly selectAt: number
}

type Columns = Pick<QueryText, 'types' | 'partition' | 'clustering' | 'keyPlace'>

const NO_COLUMNS: Columns = {
  ...{ types: new Map(), partition: [], clustering: [], keyPlace: undefined },
}
const LATE =
  'expected SELECT, or the name of one table, after the table, its columns and its options'

export function parseQuery(text: string): QueryText {
  const cursor = new QueryCursor(text)
  if (!cursor.takeWord('REPLICATE'))
    throw cursor.refused('expected REPLICATE table (…, PRIMARY KEY (…)) SELECT …')
  const name = cursor.takeName('the name of a table after REPLICATE')
  const columns = cursor.isAt('(') ? readColumns(cursor) : NO_COLUMNS
  const given = cursor.isAtOptions() ? readOptions(cursor) : { mode: undefined, options: {} }
  const selectAt = cursor.at
  const rest = text.slice(selectAt).trimEnd().replace(/;$/, '').trimEnd()
  if (/^(SELECT|WITH)\b/i.test(rest))
    return {
      ...{ destination: name.toLowerCase(), ...columns, ...given },
      ...{ source: undefined, select: rest, selectAt },
    }
  const source = rest === '' ? name : cursor.takeName(LATE)
  cursor.takeMark(';')
  if (!cursor.isAtEnd) throw cursor.refused(`${LATE}, found ${cursor.shown()}`)
  const destination = rest === '' ? toSnake(name) : name.toLowerCase()
  return { destination, ...columns, ...given, source, select: '', selectAt }
}

/** The statement with blanks before it, so that the engine names lines of the whole text. */
export function placedSelect(text: string, { select, selectAt }: QueryText): string {
  return text.slice(0, selectAt).replace(/[^\n]/g, ' ') + select
}

function readColumns(cursor: QueryCursor): Columns {
  const types = new Map<string, string>()
  let key: Partial<Columns> = {}
  const inner = cursor.takeBracket()
  for (const { text, at } of splitOutside(inner.text, inner.at)) {
    const primary = /^PRIMARY\s+KEY\s*\(([\s\S]*)\)$/i.exec(text)
    const column = /^"?(\w+)"?\s+([\w<>, ]+)$/.exec(text)
    if (primary !== null)
      key = { ...toKey(primary[1]!), keyPlace: { from: at, to: at + text.length } }
    else if (column !== null) types.set(column[1]!.toLowerCase(), column[2]!.trim().toLowerCase())
    else
      throw cursor.refused(`expected a column with its type or PRIMARY KEY (…), found ${text}`, at)
  }
  return { ...NO_COLUMNS, ...key, types }
}

function toKey(text: string): Pick<Columns, 'partition' | 'clustering'> {
  const [first = '', ...others] = splitOutside(text, 0).map(one => one.text)
  const inner = first.startsWith('(') ? first.slice(1, -1) : first
  return {
    partition: splitOutside(inner, 0).map(one => bare(one.text)),
    clustering: others.map(one => ({
      name: bare(one.replace(/\s+(asc|desc)$/i, '')),
      isDescending: /\sdesc$/i.test(one),
    })),
  }
}

interface Part {
  readonly text: string
  readonly at: number
}

/** Parts between commas that are in no bracket. */
function splitOutside(text: string, from: number): Part[] {
  const parts: Part[] = []
  let depth = 0
  let start = 0
  const take = (end: number) => {
    const raw = text.slice(start, end)
    const at = from + start + raw.length - raw.trimStart().length
    if (raw.trim() !== '') parts.push({ text: raw.trim(), at })
    start = end + 1
  }
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    if ('(<'.includes(sign)) depth++
    if (')>'.includes(sign)) depth--
    if (sign === ',' && depth === 0) take(at)
  }
  take(text.length)
  return parts
}

function bare(name: string): string {
  return name.trim().replace(/^"|"$/g, '').toLowerCase()
}
