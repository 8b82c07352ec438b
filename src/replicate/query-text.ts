/**
 * `REPLICATE dest (col type, …, PRIMARY KEY (…)) SELECT …` as its parts. The SELECT itself is checked
 * by the SQL engine.
 * Spec: backlog-replication 2.6.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { REPLICATE_ERRORS } from './errors.ts'

export interface QueryText {
  readonly destination: string
  /** CQL types by lower-case name. */
  readonly types: ReadonlyMap<string, string>
  readonly partition: readonly string[]
  readonly clustering: readonly { readonly name: string; readonly isDescending: boolean }[]
  readonly select: string
}

export function parseQuery(text: string): QueryText {
  const head = /^\s*REPLICATE\s+"?(\w+)"?\s*/i.exec(text)
  if (head === null) throw refused('expected REPLICATE table (…, PRIMARY KEY (…)) SELECT …')
  let rest = text.slice(head[0].length)
  let inner = ''
  if (rest.startsWith('(')) {
    const end = closing(rest)
    inner = rest.slice(1, end)
    rest = rest.slice(end + 1)
  }
  const select = rest.trim().replace(/;\s*$/, '')
  if (!/^(SELECT|WITH)\b/i.test(select))
    throw refused('expected SELECT after the table, its columns and PRIMARY KEY')
  return { destination: head[1]!.toLowerCase(), ...toColumns(inner), select }
}

function toColumns(inner: string): Pick<QueryText, 'types' | 'partition' | 'clustering'> {
  const types = new Map<string, string>()
  let key: string | undefined
  for (const part of splitOutside(inner)) {
    const primary = /^PRIMARY\s+KEY\s*\(([\s\S]*)\)$/i.exec(part)
    const column = /^"?(\w+)"?\s+([\w<>, ]+)$/.exec(part)
    if (primary !== null) key = primary[1]!
    else if (column !== null) types.set(column[1]!.toLowerCase(), column[2]!.trim().toLowerCase())
    else throw refused(`expected a column with its type or PRIMARY KEY, found ${part}`)
  }
  if (key === undefined)
    throw refused('a query needs PRIMARY KEY ((…), …): which columns make a row unique')
  const [first = '', ...others] = splitOutside(key)
  const partition = splitOutside(first.startsWith('(') ? first.slice(1, -1) : first).map(bare)
  const clustering = others.map(one => ({
    name: bare(one.replace(/\s+(asc|desc)$/i, '')),
    isDescending: /\sdesc$/i.test(one),
  }))
  return { types, partition, clustering }
}

/** Parts between commas that are in no bracket. */
function splitOutside(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const sign of text) {
    if ('(<'.includes(sign)) depth++
    if (')>'.includes(sign)) depth--
    if (sign === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += sign
  }
  return [...parts, part].map(one => one.trim()).filter(one => one !== '')
}

function closing(text: string): number {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at
  }
  throw refused('a bracket is not closed')
}

function bare(name: string): string {
  return name.trim().replace(/^"|"$/g, '').toLowerCase()
}

function refused(message: string): ScamanderError {
  return new ScamanderError(REPLICATE_ERRORS.QUERY, message, { context: { field: 'query' } })
}
