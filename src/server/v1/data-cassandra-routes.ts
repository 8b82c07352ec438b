/**
 * The routes of `/api/v1/data/cassandra`: keyspaces, tables, rows and statements of a connection. Each
 * asks the table desk and answers; statements that change something are written to the audit trail.
 * Invariants: who may not write is refused before anything is sent; the trail names what was changed, never
 * a value.
 * Shapes: src/api-v1-data.ts. Spec: ui 4.11, 5.7, 6.
 */
import type { CqlRequest } from '../../api-v1-data.ts'
import { badQuery, type TableDesk } from '../../browse/index.ts'
import { isAtLeast, type Replicator } from '../../replicate/index.ts'
import { type Call, json } from '../route.ts'
import { problem } from './problem.ts'
import { callerOf } from './rights.ts'
import { audit, body, id, items, type Row } from './v1-calls.ts'

const BASE = '/data/cassandra/:id'
const ROWS = 100

export function dataCassandraRows(desk: TableDesk, replicator: Replicator): Row[] {
  const keyspace = (call: Call) => call.params['keyspace'] ?? ''
  const table = (call: Call) => call.params['table'] ?? ''
  return [
    [
      `GET ${BASE}/keyspaces`,
      'Keyspaces of a connection with their tables.',
      async call => items(await desk.keyspaces(id(call))),
    ],
    [
      `GET ${BASE}/:keyspace/:table`,
      'Columns and definition of a table.',
      async call => json(200, await desk.table(id(call), keyspace(call), table(call))),
    ],
    [
      `GET ${BASE}/:keyspace/:table/rows`,
      'A page of rows in token order, from token= on, of key=, or behind page=.',
      async call => {
        const { query } = call
        const rows = await desk.rows(id(call), {
          ...{ keyspace: keyspace(call), table: table(call), key: keyOf(query) },
          ...{ token: textOf(query, 'token'), page: textOf(query, 'page') },
          ...{ withTimes: query.get('times') === 'true', rowsMax: countOf(query, 'limit', ROWS) },
        })
        return json(200, rows)
      },
    ],
    [
      `POST ${BASE}/cql/check`,
      'What a statement would do; nothing is run.',
      call => {
        replicator.connection(id(call))
        return json(200, desk.checkCql(cqlOf(call).cql))
      },
    ],
    [
      `POST ${BASE}/cql`,
      'Runs one statement: reads, and with "write": true anything else.',
      async call => {
        const request = cqlOf(call)
        const isWrite = desk.checkCql(request.cql).kind !== 'read'
        if (isWrite && !isAtLeast(callerOf(call).role, 'standard')) {
          return problem(403, 'expected the role standard for statements that change something')
        }
        const { name } = replicator.connection(id(call))
        const result = await desk.cql(id(call), request, ({ kind, verb, object }) => {
          if (kind !== 'read')
            audit(replicator, call, ['statement run', `${name}: ${object}`, verb])
        })
        return json(200, result)
      },
    ],
  ]
}

function cqlOf(call: Call): CqlRequest {
  const request = body<CqlRequest>(call)
  return { ...request, cql: typeof request.cql === 'string' ? request.cql : '' }
}

/** A JSON list of texts. */
function keyOf(query: URLSearchParams): readonly string[] | undefined {
  const text = textOf(query, 'key')
  if (text === undefined) return undefined
  const refuse = () => badQuery('key', 'expected a JSON list of texts')
  try {
    const list: unknown = JSON.parse(text)
    if (!Array.isArray(list) || list.length > 100) throw refuse()
    return list.map(one => {
      if (typeof one !== 'string') throw refuse()
      return one
    })
  } catch (error) {
    throw error instanceof SyntaxError ? refuse() : error
  }
}

/** Undefined when it is missing or empty. */
export function textOf(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined
}

export function countOf(query: URLSearchParams, name: string, otherwise: number): number {
  const text = textOf(query, name)
  if (text === undefined) return otherwise
  if (!/^\d{1,6}$/.test(text)) throw badQuery(name, 'expected a whole number')
  return Number(text)
}
