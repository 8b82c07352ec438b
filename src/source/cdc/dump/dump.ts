/**
 * `cdc dump`: every decoded change of segment files, as lines of JSON or text.
 * Two passes: the first collects the schema changes that the files log (and the ids they use), the
 * second prints. With `follow` the second goes on until it is stopped.
 * Called by the command line. Invariant: damage costs what it must and is told on the side; the
 * rest is printed.
 * Spec: cdc-replication 2.6.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isScamanderError } from '../../../base/scamander-error.ts'
import {
  type KeyLookup,
  type Mutation,
  type PartitionUpdate,
  type RecordProblem,
  SchemaCatalog,
  type SchemaRows,
  SegmentFile,
  SegmentReader,
  type TableSchema,
} from '../../../commitlog/index.ts'
import { type Line, linesOf, undecodableLine } from './change-line.ts'
import { type DumpFile, listDumpFiles } from './dump-files.ts'
import { DumpSchema, nameOf } from './dump-schema.ts'
import { toTextLine } from './text-line.ts'

export interface DumpOptions {
  readonly paths: readonly string[]
  readonly format: 'jsonl' | 'text'
  /** Only these tables, as `keyspace.table`; empty: all. */
  readonly tables: readonly string[]
  readonly from: { readonly segmentId: bigint | undefined; readonly position: number } | undefined
  readonly withSystem: boolean
  readonly cdcOnly: boolean
  readonly tableIds: readonly { readonly name: string; readonly id: string }[]
  readonly schemaFile: SchemaRows | undefined
  readonly clusterSchema: SchemaRows | undefined
  readonly keyOf: KeyLookup
  readonly follow: boolean
  readonly signal: AbortSignal
  /** Resolves when there is room for more. */
  write(text: string): Promise<void> | undefined
  /** Notes and damage. */
  note(text: string): void
}

export interface DumpResult {
  readonly lines: number
  /** Records, sections or files that could not be read whole. */
  readonly problems: number
}

const SYSTEM = new Set([
  ...['system', 'system_schema', 'system_auth', 'system_distributed', 'system_traces'],
])
const CHUNK_LENGTH = 64 * 1024
const FOLLOW_MS = 50

export async function dumpChanges(options: DumpOptions): Promise<DumpResult> {
  return await new Dump(options).run()
}

class Dump {
  readonly #options: DumpOptions
  readonly #log = new SchemaCatalog()
  readonly #schema = new DumpSchema(this.#log)
  readonly #tables: ReadonlySet<string>
  #chunk = ''
  #lines = 0
  #problems = 0

  constructor(options: DumpOptions) {
    this.#options = options
    this.#tables = new Set(options.tables)
  }

  async run(): Promise<DumpResult> {
    const { schemaFile, clusterSchema, tableIds, paths, note, signal } = this.#options
    if (schemaFile !== undefined) this.#schema.loadFile(schemaFile)
    if (clusterSchema !== undefined) this.#schema.loadCluster(clusterSchema)
    const files = await listDumpFiles(paths)
    const unknown = await this.#collectSchema(files)
    for (const { name, id } of tableIds) {
      if (this.#schema.assign(name, id)) unknown.delete(id)
      else note(`--table-id: no schema knows the table ${name}`)
    }
    this.#matchLast(unknown)
    if (this.#options.follow) await this.#follow()
    else {
      for (const [i, file] of files.entries()) {
        if (!signal.aborted) await this.#dumpFile(file, i === files.length - 1)
      }
    }
    await this.#flush()
    return { lines: this.#lines, problems: this.#problems }
  }

  /** Ids that nothing explains, after all logged schema changes were read. */
  async #collectSchema(files: readonly DumpFile[]): Promise<Set<string>> {
    const unknown = new Set<string>()
    for (const file of files) {
      const wants = ({ keyspace }: TableSchema) => keyspace === 'system_schema'
      const options = { schema: this.#schema, wants, ...this.#readerOptions(file) }
      await using segment = await SegmentFile.open(file.path)
      const reader = new SegmentReader(options)
      for await (const state of statesOf(segment, reader)) {
        if (reader.problem?.kind === 'unknownTable') unknown.add(reader.unknownTableId)
        if (state === 'mutation') this.#log.apply(reader.mutation)
      }
    }
    for (const id of unknown) if (this.#schema.tableById(id) !== undefined) unknown.delete(id)
    return unknown
  }

  /** One table without an id and one id without a table belong together. */
  #matchLast(unknown: ReadonlySet<string>): void {
    const { unnamed } = this.#schema
    const [name] = unnamed
    const [id] = unknown
    if (unnamed.length !== 1 || unknown.size !== 1) return
    this.#schema.assign(name!, id!)
    this.#options.note(`table id ${id} is taken for ${name}: the only one left on both sides`)
  }

  async #dumpFile(file: DumpFile, isLast: boolean): Promise<void> {
    if (this.#isBefore(file)) return
    await using segment = await SegmentFile.open(file.path)
    const reader = new SegmentReader({ schema: this.#schema, ...this.#readerOptions(file) })
    for await (const state of statesOf(segment, reader)) {
      if (this.#options.signal.aborted) return
      // The newest file may be in the making.
      if (state === 'corrupt' && isLast && reader.problem?.kind === 'header') return
      await this.#take(file, state, reader)
    }
  }

  /** Reads on as segments grow and new ones come. */
  async #follow(): Promise<void> {
    const { paths, signal } = this.#options
    const open = new Map<string, { segment: SegmentFile; reader: SegmentReader }>()
    try {
      while (!signal.aborted) {
        for (const file of await listDumpFiles(paths)) {
          if (this.#isBefore(file)) continue
          const one = open.get(file.path) ?? {
            segment: await SegmentFile.open(file.path),
            reader: new SegmentReader({ schema: this.#schema, ...this.#readerOptions(file) }),
          }
          open.set(file.path, one)
          let state = await one.segment.next(one.reader, false)
          while (state === 'mutation' || state === 'problem') {
            if (state === 'mutation') this.#log.apply(one.reader.mutation)
            await this.#take(file, state, one.reader)
            state = await one.segment.next(one.reader, false)
          }
        }
        await this.#flush()
        await sleep(FOLLOW_MS, undefined, { signal }).catch(() => undefined)
      }
    } finally {
      for (const { segment } of open.values()) await segment.close()
    }
  }

  async #take(file: DumpFile, state: string, reader: SegmentReader): Promise<void> {
    const { mutation, problem } = reader
    if (state === 'mutation') {
      for (const update of mutation.updates) this.#printUpdate(file, mutation, update)
    }
    const hasProblem = state !== 'mutation' || !mutation.isComplete
    if (hasProblem) this.#printProblem(file, mutation, problem!)
    if (this.#chunk.length > CHUNK_LENGTH) await this.#flush()
  }

  #printUpdate(file: DumpFile, mutation: Mutation, update: PartitionUpdate): void {
    const { schema } = update.table
    const { withSystem, cdcOnly } = this.#options
    if (!withSystem && SYSTEM.has(schema.keyspace)) return
    if (cdcOnly && !schema.isCdc) return
    if (this.#tables.size > 0 && !this.#tables.has(nameOf(schema))) return
    try {
      for (const line of linesOf(file.name, mutation, update)) this.#print(line)
    } catch (error) {
      if (!isScamanderError(error)) throw error
      mutation.failedIndex = update.index
      mutation.failedStart = update.start
      this.#problems++
      this.#print(undecodableLine(file.name, mutation, error.message))
    }
  }

  #printProblem(file: DumpFile, mutation: Mutation, problem: RecordProblem): void {
    this.#problems++
    this.#options.note(`${file.path}: ${problem.message}`)
    if (problem.kind === 'undecodable' || problem.kind === 'unknownTable') {
      const reason = problem.error?.message ?? problem.message
      this.#print(undecodableLine(file.name, mutation, reason))
    }
  }

  #print(line: Line): void {
    this.#lines++
    this.#chunk += this.#options.format === 'text' ? toTextLine(line) : JSON.stringify(line)
    this.#chunk += '\n'
  }

  async #flush(): Promise<void> {
    const text = this.#chunk
    this.#chunk = ''
    if (text !== '') await this.#options.write(text)
  }

  #isBefore({ segmentId }: DumpFile): boolean {
    const from = this.#options.from?.segmentId
    return from !== undefined && segmentId !== undefined && segmentId < from
  }

  #readerOptions({ segmentId }: DumpFile) {
    const { from, keyOf } = this.#options
    const isIt =
      from !== undefined && (from.segmentId === undefined || from.segmentId === segmentId)
    return {
      keyOf,
      ...(isIt ? { from: from.position } : {}),
      ...(segmentId === undefined ? {} : { segmentId }),
    }
  }
}

/** Every state of a finished file but its end. */
async function* statesOf(segment: SegmentFile, reader: SegmentReader) {
  for (;;) {
    const state = await segment.next(reader, true)
    if (state === 'end' || state === 'caughtUp') return
    yield state
    if (state === 'corrupt') return
  }
}
