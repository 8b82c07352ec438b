/**
 * Follows all segments of a node's commit log while the node writes them, as a capture agent would.
 * Used by integration tests. Schema comes from the log itself; only the system tables, which exist
 * before the first record, are loaded from the node.
 * Invariant: segments are read in the order of their ids; nothing is given out twice.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client, types } from 'cassandra-driver'
import {
  compareSegments,
  isTruncationTable,
  type Mutation,
  parseSegmentName,
  type RecordProblem,
  readTruncations,
  SchemaCatalog,
  SegmentFile,
  type SegmentName,
  SegmentReader,
  type Truncation,
} from '../../src/commitlog/index.ts'

interface Followed {
  readonly id: SegmentName
  readonly file: SegmentFile
  readonly reader: SegmentReader
}

export class CommitLogFollower {
  readonly catalog = new SchemaCatalog()
  readonly problems: RecordProblem[] = []
  readonly truncations: Truncation[] = []
  mutations = 0
  /** Mutations with updates of several tables. */
  joint = 0
  readonly versions = new Set<number>()
  readonly #folder: string
  readonly #visit: (mutation: Mutation) => void
  readonly #segments = new Map<string, Followed>()

  constructor(folder: string, visit: (mutation: Mutation) => void) {
    this.#folder = folder
    this.#visit = visit
  }

  /** Reads what is there now, in every segment; those that were deleted since to their end. */
  async look(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const id = parseSegmentName(name)
      if (id === undefined || this.#segments.has(name)) continue
      const file = await SegmentFile.open(join(this.#folder, name), 64 * 1024)
      const reader = new SegmentReader({ schema: this.catalog, segmentId: id.segmentId })
      this.#segments.set(name, { id, file, reader })
    }
    const inOrder = [...this.#segments].sort(([, a], [, b]) => compareSegments(a.id, b.id))
    for (const [name, one] of inOrder) await this.#read(name, one)
  }

  async close(): Promise<void> {
    for (const { file } of this.#segments.values()) await file.close()
  }

  async #read(name: string, { file, reader }: Followed): Promise<void> {
    let state = await file.next(reader, false)
    for (; state === 'mutation' || state === 'problem'; state = await file.next(reader, false)) {
      if (state === 'problem' || !reader.mutation.isComplete) this.problems.push(reader.problem!)
      else this.#take(reader.mutation)
    }
    if (state !== 'caughtUp') throw new Error(`${name}: ${state} ${reader.problem?.message}`)
  }

  #take(mutation: Mutation): void {
    this.mutations++
    this.versions.add(mutation.version)
    if (mutation.updates.length > 1) this.joint++
    this.catalog.apply(mutation)
    for (const update of mutation.updates) {
      if (isTruncationTable(update.table.schema)) {
        this.truncations.push(...readTruncations(mutation, update))
      }
    }
    this.#visit(mutation)
  }
}

/** Loads the tables of these keyspaces from a node. */
export async function loadSchema(
  catalog: SchemaCatalog,
  client: Client,
  keyspaces: readonly string[],
): Promise<void> {
  const select = async (table: string) => {
    const { rows } = await client.execute(`SELECT * FROM system_schema.${table}`, [], {
      fetchSize: 5000,
    })
    return rows.filter(row => keyspaces.includes(String(row['keyspace_name'])))
  }
  const place = (row: types.Row) => ({
    ...{ keyspace: String(row['keyspace_name']), table: String(row['table_name']) },
    ...{ column: String(row['column_name']), kind: String(row['kind']), type: String(row['type']) },
  })
  catalog.load({
    tables: (await select('tables')).map(row => ({
      ...{ keyspace: String(row['keyspace_name']), table: String(row['table_name']) },
      id: String(row['id']),
      isCdc: row['cdc'] === true,
      isCounter: ((row['flags'] as string[] | null) ?? []).includes('counter'),
    })),
    columns: (await select('columns')).map(row => ({ ...place(row), position: row['position'] })),
    droppedColumns: (await select('dropped_columns')).map(row => ({
      ...place(row),
      droppedAtMs: droppedAt(row['dropped_time'] as Date),
    })),
    types: (await select('types')).map(row => ({
      ...{ keyspace: String(row['keyspace_name']), name: String(row['type_name']) },
      ...{ fieldNames: row['field_names'], fieldTypes: row['field_types'] },
    })),
  })
}

/** System tables have columns dropped at the end of time, which a Date cannot hold. */
function droppedAt(date: Date): bigint {
  const ms = date.getTime()
  return Number.isNaN(ms) ? 2n ** 53n : BigInt(ms)
}
