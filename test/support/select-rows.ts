/**
 * What a server says a table holds: raw bytes, write time and expiry of every cell, by SELECT on a
 * connection of our own, so that no driver stands between. Compared with a ReplayedTable.
 */
import type { CqlLink } from '../../scripts/golden/cql-link.ts'
import type { TableSchema } from '../../src/commitlog/index.ts'
import { CellCursor, type CqlType } from '../../src/cql/index.ts'
import { rowKey, type SeenCell, type SeenRows } from './replayed-table.ts'

interface SelectOptions {
  readonly keyspace: string
  /** The server tells the write times of the elements of collections (5.0). */
  readonly hasElementTimes: boolean
}

/** Every row of the table. */
export async function selectRows(
  link: CqlLink,
  table: TableSchema,
  { keyspace, hasElementTimes }: SelectOptions,
): Promise<SeenRows> {
  const keys = [...table.partitionKey, ...table.clusteringKey]
  const others = [...table.staticColumns, ...table.regularColumns]
  const selected = others.flatMap(({ name, type }) => {
    if (type.kind === 'counter') return [name]
    if (!isComplex(type)) return [name, `writetime(${name})`, `ttl(${name})`]
    return hasElementTimes ? [name, `writetime(${name})`] : [name]
  })
  const names = [...keys.map(one => one.name), ...selected]
  const rows = (await link.execute(`SELECT ${names.join(', ')} FROM ${keyspace}.${table.name}`))!
  const cursor = new CellCursor(names.length)
  cursor.reset(rows)
  const nowSeconds = Math.floor(Date.now() / 1000)
  const out: SeenRows = new Map()
  while (cursor.nextRow()) {
    const cells = Array.from({ length: names.length }, (_, i) => cellOf(cursor, i))
    const byName = new Map(names.map((name, i) => [name, cells[i]!]))
    const seen = new Map<string, SeenCell>()
    for (const { name, type } of others) {
      const value = byName.get(name) ?? null
      if (value === null) continue
      const time = byName.get(`writetime(${name})`) ?? null
      const ttl = byName.get(`ttl(${name})`) ?? null
      seen.set(name, {
        value: isComplex(type) ? partsOf(type, value) : value.toString('hex'),
        timestamp: isComplex(type) || time === null ? undefined : time.readBigInt64BE(0),
        ldt: ttl === null ? undefined : nowSeconds + ttl.readInt32BE(0),
        elementTimestamps: isComplex(type) && time !== null ? timesOf(time) : undefined,
      })
    }
    out.set(
      rowKey(
        cells.slice(0, table.partitionKey.length),
        cells.slice(table.partitionKey.length, keys.length),
      ),
      seen,
    )
  }
  return out
}

/** Differences in words, at most `max` of them; what one side cannot know is not compared. */
export function differences(found: SeenRows, expected: SeenRows, max = 10): string[] {
  const out: string[] = []
  for (const key of new Set([...found.keys(), ...expected.keys()])) {
    const a = found.get(key)
    const b = expected.get(key)
    if (a === undefined || b === undefined) {
      out.push(`row ${key}: only in the ${a === undefined ? 'table' : 'replay'}`)
      continue
    }
    for (const name of new Set([...a.keys(), ...b.keys()])) {
      const difference = cellDifference(a.get(name), b.get(name))
      if (difference !== undefined) out.push(`row ${key}, ${name}: ${difference}`)
    }
  }
  return out.slice(0, max)
}

const SECONDS_TOLERATED = 3

function cellDifference(a: SeenCell | undefined, b: SeenCell | undefined): string | undefined {
  if (a === undefined || b === undefined)
    return `only in the ${a === undefined ? 'table' : 'replay'}`
  const show = (cell: SeenCell) => JSON.stringify(cell.value)
  if (show(a) !== show(b)) {
    const times = `${a.elementTimestamps ?? a.timestamp} and ${b.elementTimestamps ?? b.timestamp}`
    return `value ${show(a)} and ${show(b)}, write time ${times}`
  }
  const isTimed = b.timestamp !== undefined
  if (isTimed && a.timestamp !== b.timestamp) return `write time ${a.timestamp} and ${b.timestamp}`
  const elements = String(a.elementTimestamps)
  if (b.elementTimestamps !== undefined && elements !== String(b.elementTimestamps)) {
    return `write times ${elements} and ${b.elementTimestamps}`
  }
  const isNear =
    a.ldt === undefined || b.ldt === undefined
      ? a.ldt === b.ldt
      : Math.abs(a.ldt - b.ldt) <= SECONDS_TOLERATED
  return isNear ? undefined : `expiry ${a.ldt} and ${b.ldt}`
}

function cellOf(cursor: CellCursor, index: number): Buffer | null {
  const length = cursor.lengths[index]!
  const start = cursor.starts[index]!
  return length < 0 ? null : Buffer.from(cursor.bytes.subarray(start, start + length))
}

function isComplex(type: CqlType): boolean {
  return 'frozen' in type && !type.frozen
}

/** The elements of a collection as a replay shows them. */
function partsOf(type: CqlType, bytes: Buffer): (string | null)[] {
  if (type.kind === 'udt') {
    const fields = readAll(bytes, 0)
    while (fields.at(-1) === null) fields.pop()
    return fields
  }
  const parts = readAll(bytes, 4)
  if (type.kind === 'list') return parts
  if (type.kind === 'set') return parts.sort()
  const pairs: string[] = []
  for (let i = 0; i < parts.length; i += 2) pairs.push(`${parts[i]}:${parts[i + 1]}`)
  return pairs.sort()
}

function timesOf(bytes: Buffer): bigint[] {
  return readAll(bytes, 4)
    .filter(hex => hex !== null)
    .map(hex => BigInt.asIntN(64, BigInt(`0x${hex}`)))
    .sort((a, b) => (a < b ? -1 : 1))
}

function readAll(bytes: Buffer, start: number): (string | null)[] {
  const out: (string | null)[] = []
  let at = start
  while (at < bytes.length) {
    const length = bytes.readInt32BE(at)
    at += 4
    out.push(length < 0 ? null : bytes.toString('hex', at, at + length))
    at += Math.max(0, length)
  }
  return out
}
