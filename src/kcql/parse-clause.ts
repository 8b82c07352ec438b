/**
 * Reads one clause of a statement: its name, then what its shape demands. Called by the statement
 * rule for every clause, in any order. An "=" may be left out or put in where a single value
 * follows. Invariant: a value has the type that `ShapeValues` gives for its shape.
 * Spec: cassandra-sink 10.1, 12 (D11).
 */
import { CLAUSE_SHAPES, type ClauseName, type ClauseShape } from './clause-shapes.ts'
import {
  KCQL_FORMATS,
  type KcqlClause,
  type KcqlFormat,
  type KcqlSetting,
  type ShapeValues,
} from './syntax-tree.ts'
import { KcqlFailure, type TokenCursor } from './token-cursor.ts'

type Readers = {
  readonly [S in ClauseShape]: (cursor: TokenCursor, name: ClauseName) => ShapeValues[S]
}

const READERS: Readers = {
  flag: () => true,
  count: (cursor, name) => {
    cursor.takeSign('=')
    return cursor.count(name)
  },
  word: (cursor, name) => {
    cursor.takeSign('=')
    return word(cursor, `a value for ${name}`)
  },
  format,
  delimiter: (cursor, name) => {
    cursor.takeSign('=')
    const { token } = cursor
    if (token.kind !== 'quoted' || token.value === '') {
      cursor.fail(`expected a quoted text for ${name}, such as '-', found ${cursor.found()}`)
    }
    return cursor.take().value
  },
  path: (cursor, name) => {
    cursor.takeSign('=')
    return cursor.path(`a field for ${name}`)
  },
  paths: (cursor, name) => cursor.paths(`a field for ${name}`),
  names: (cursor, name) => {
    cursor.expectSign('(', `after ${name}`)
    const names = cursor.names(`a name for ${name}`)
    cursor.expectSign(')', `after the names of ${name}`)
    return names
  },
  buckets: (cursor, name) => {
    const names = cursor.names(`a name for ${name}`)
    cursor.expectWord('INTO', `after the names of ${name}`)
    const count = cursor.count('BUCKETS')
    cursor.expectWord('BUCKETS', 'after their number')
    return { names, count }
  },
  timestamp,
  store: cursor => {
    cursor.takeSign('=')
    const name = word(cursor, 'a name for STOREAS')
    return { name, settings: cursor.isSign('(') ? settings(cursor, 'STOREAS') : [] }
  },
  settings,
  raw,
  sample: cursor => {
    const count = cursor.count('SAMPLE')
    cursor.expectWord('EVERY', 'after the number of SAMPLE')
    return { count, every: cursor.count('EVERY') }
  },
}

/** The clause whose name is the present word. */
export function parseClause(cursor: TokenCursor, name: ClauseName): KcqlClause<unknown> {
  const { start } = cursor.take()
  const value = READERS[CLAUSE_SHAPES[name]](cursor, name)
  return { value, at: cursor.spanFrom(start) }
}

/** A word that may have dots, or any quoted text. */
function word(cursor: TokenCursor, what: string): string {
  const { token } = cursor
  if (token.kind === 'quoted' && token.value !== '') return cursor.take().value
  if (token.kind !== 'word') cursor.fail(`expected ${what}, found ${cursor.found()}`)
  let text = cursor.take().value
  while (cursor.isSign('.') && cursor.next.kind === 'word') {
    text += cursor.take().text + cursor.take().text
  }
  return text
}

function format(cursor: TokenCursor): KcqlFormat {
  cursor.takeSign('=')
  const { token } = cursor
  const name = KCQL_FORMATS.find(one => one === token.value.toUpperCase())
  if (name === undefined) {
    const list = KCQL_FORMATS.join(', ')
    const hint = cursor.suggestion(KCQL_FORMATS)
    cursor.fail(`expected one of ${list} for WITHFORMAT, found ${cursor.found()}`, hint)
  }
  cursor.take()
  return name
}

/** A field, or `sys_time()`. */
function timestamp(cursor: TokenCursor): string {
  cursor.takeSign('=')
  const text = word(cursor, 'a field or sys_time() for WITHTIMESTAMP')
  if (!cursor.takeSign('(')) return text
  cursor.expectSign(')', 'after sys_time(')
  return `${text}()`
}

function settings(cursor: TokenCursor, name: ClauseName): KcqlSetting[] {
  cursor.expectSign('(', `after ${name}`)
  const found: KcqlSetting[] = []
  if (cursor.takeSign(')')) return found
  do {
    const setting = oneSetting(cursor, name)
    if (found.some(one => one.key === setting.key)) {
      throw new KcqlFailure(setting.at.start, `the setting ${setting.key} is given twice`)
    }
    found.push(setting)
  } while (cursor.takeSign(','))
  cursor.expectSign(')', `or "," after a setting of ${name}`)
  return found
}

function oneSetting(cursor: TokenCursor, name: ClauseName): KcqlSetting {
  const { start } = cursor.token
  const key = word(cursor, `the key of a setting of ${name}`)
  cursor.expectSign('=', `after the key ${key}`)
  if (cursor.token.kind === 'quoted') {
    return { key, value: cursor.take().value, at: cursor.spanFrom(start) }
  }
  const minus = cursor.takeSign('-') ? '-' : ''
  const value = minus + word(cursor, `a value for ${key}`)
  return { key, value, at: cursor.spanFrom(start) }
}

/** Everything up to the closing parenthesis that belongs to the opening one. */
function raw(cursor: TokenCursor, name: ClauseName): string {
  cursor.expectSign('(', `after ${name}`)
  const { start } = cursor.token
  let depth = 0
  while (depth > 0 || !cursor.isSign(')')) {
    const token = cursor.take()
    if (token.kind === 'end') cursor.fail(`expected ")" to close ${name}`)
    if (token.kind === 'sign' && token.text === '(') depth++
    if (token.kind === 'sign' && token.text === ')') depth--
  }
  const { start: end } = cursor.take()
  return cursor.text.slice(start, Math.max(start, end)).trim()
}
