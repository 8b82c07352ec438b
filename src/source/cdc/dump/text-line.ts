/**
 * A change as one line for people: place, table, operation, key and columns.
 * Made from the JSON line, so that both always tell the same. Not a format to parse.
 * Called by the dump with `--format text`.
 */
import type { Json } from '../cql-json.ts'
import type { Line } from './change-line.ts'

export function toTextLine(line: Line): string {
  const { segment, position, keyspace, table, op, ts, key, clustering, columns, range, reason } =
    line
  const place = `${String(segment)}:${String(position)}`
  if (op === 'undecodable') return `${place} undecodable: ${String(reason)}`
  const parts = [place, `${String(keyspace)}.${String(table)}`, String(op)]
  if (line['static'] === true) parts.push('static')
  parts.push(membersOf(key), membersOf(clustering))
  if (range !== undefined) parts.push(JSON.stringify(range))
  if (columns !== undefined) parts.push(columnsText(columns))
  if (ts !== undefined) parts.push(`at ${String(ts)}`)
  if (line['ttl'] !== undefined) parts.push(`ttl ${String(line['ttl'])}`)
  return parts.filter(part => part !== '').join(' ')
}

function membersOf(value: Json | undefined): string {
  if (value === undefined || value === null || typeof value !== 'object') return ''
  const members = Object.entries(value as { [name: string]: Json })
  return members.map(([name, one]) => `${name}=${JSON.stringify(one)}`).join(' ')
}

function columnsText(columns: Json): string {
  const members = Object.entries(columns as { [name: string]: { [name: string]: Json } })
  const shown = members.map(([name, cell]) => {
    if (cell['deleted'] === true) return `${name}: deleted`
    if ('value' in cell) return `${name}: ${JSON.stringify(cell['value'])}`
    return `${name}: ${JSON.stringify(cell['counter'] ?? cell)}`
  })
  return `{${shown.join(', ')}}`
}
