/**
 * `WITH option = value, …` of a query, as the options of its task. Called by query-text.ts.
 * Invariant: an unknown option, one that is written twice and a value that does not fit are refused
 * where they stand, with what is expected.
 * Spec: backlog-replication 2.6.
 */
import type { TaskMode, TaskOptions } from '../api-v1.ts'
import type { QueryCursor } from './query-cursor.ts'

export interface QueryOptions {
  readonly mode: TaskMode | undefined
  readonly options: TaskOptions
}

interface OptionKind {
  /** In the task. */
  readonly key: keyof TaskOptions | 'mode'
  readonly expected: string
  /** Undefined: the text is no such value. */
  readonly read: (text: string) => string | number | boolean | undefined
}

const OPTIONS: Readonly<Record<string, OptionKind>> = {
  mode: word('mode', 'incremental', 'full', 'truncate', 'recreate', 'append'),
  deletes: word('deletes', 'ignore', 'soft', 'hard', 'keep'),
  check_column: { key: 'checkColumn', expected: 'the name of a column', read: columnName },
  batch_rows: whole('batchRows'),
  start: { key: 'start', expected: "a day or a moment such as '2026-01-31'", read: moment },
  interval: whole('interval'),
  interval_unit: word('intervalUnit', 'minutes', 'hours', 'days', 'weeks', 'months', 'years'),
  drop_table: flag('dropTable'),
  truncate: flag('truncate'),
  alter_schema: flag('alterSchema'),
  ttl_seconds: whole('ttlSeconds'),
}

export function readOptions(cursor: QueryCursor): QueryOptions {
  cursor.takeWord('WITH')
  const found = new Map<string, unknown>()
  do {
    const { at } = cursor
    const name = cursor.takeName('the name of an option').toLowerCase()
    const kind = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined
    if (kind === undefined) {
      const names = Object.keys(OPTIONS).join(', ')
      throw cursor.refused(`there is no option ${name}; expected one of ${names}`, at)
    }
    if (found.has(kind.key)) throw cursor.refused(`the option ${name} is written twice`, at)
    if (!cursor.takeMark('='))
      throw cursor.refused(`option ${name}: expected = and a value, found ${cursor.shown()}`)
    const valueAt = cursor.at
    const text = cursor.takeValue(`${name} = ${kind.expected}`)
    const value = kind.read(text)
    if (value === undefined)
      throw cursor.refused(`option ${name}: expected ${kind.expected}, found ${text}`, valueAt)
    found.set(kind.key, value)
  } while (cursor.takeMark(','))
  const { mode, ...options } = Object.fromEntries(found) as TaskOptions & { mode?: TaskMode }
  return { mode, options }
}

function word(key: OptionKind['key'], ...values: readonly string[]): OptionKind {
  const read = (text: string) => values.find(one => one === text.toLowerCase())
  return { key, expected: `one of ${values.join(', ')}`, read }
}

function whole(key: OptionKind['key']): OptionKind {
  const read = (text: string) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
    return value > 0 ? value : undefined
  }
  return { key, expected: 'a whole number from 1', read }
}

function flag(key: OptionKind['key']): OptionKind {
  const read = (text: string) => ({ true: true, false: false })[text.toLowerCase()]
  return { key, expected: 'true or false', read }
}

function columnName(text: string): string | undefined {
  return /^[A-Za-z_]\w*$/.test(text) ? text : undefined
}

function moment(text: string): string | undefined {
  const isIso = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)
  return isIso && !Number.isNaN(Date.parse(text)) ? text.replace(' ', 'T') : undefined
}
