/**
 * Follows a node's log from segment to segment as it is written, one cursor, in log order.
 * Used by the agent's worker thread. Pull: `next` gives a mutation, a problem, or nothing yet.
 * A segment is left when the next one has data and nothing more comes of it: Cassandra syncs older
 * segments first, so what comes later in the log is never given out before what came earlier.
 * Invariant: no record is given twice or passed over, except those of vanished files, which
 * `onVanished` is told.
 * Spec: commit-log 4.5, 11; cdc-replication 1.5.
 */
import { systemClock } from '../../../base/clock.ts'
import { messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import {
  type FileState,
  type KeyLookup,
  type Mutation,
  type RecordProblem,
  type SchemaLookup,
  SegmentFile,
  SegmentReader,
  type WantsTable,
} from '../../../commitlog/index.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { CdcFolder, SegmentEntry } from './cdc-folder.ts'
import { type SegmentRange, VanishedSegments } from './vanished-segments.ts'

/**
 * How far a segment is read: to its last whole record, its last sync marker, or only to what is
 * certainly on disk.
 */
export type ReadPolicy = 'live' | 'markers' | 'idx' | 'completed'

export interface FollowerOptions {
  readonly folder: CdcFolder
  readonly schema: SchemaLookup
  readonly wants: WantsTable
  readonly keyOf: KeyLookup
  readonly policy: ReadPolicy
  /** After this; undefined: after all that is there now. */
  readonly from: { readonly segmentId: bigint; readonly position: number } | undefined
  /** Segments that were read whole before. */
  readonly done: ReadonlySet<bigint>
  readonly signal: AbortSignal
  /** The node deletes segments that nobody has read, and may have done so now. */
  readonly mayDelete: () => Promise<boolean>
  /** Segments with changes that nobody read are gone. */
  readonly onVanished: (range: SegmentRange) => void
}

export type Followed =
  | { readonly kind: 'mutation'; readonly mutation: Mutation; readonly problem?: RecordProblem }
  | { readonly kind: 'problem'; readonly problem: RecordProblem }

interface Open {
  readonly entry: SegmentEntry
  readonly file: SegmentFile
  readonly reader: SegmentReader
  /** The next segment has data: nothing more comes of this one. */
  isFinal: boolean
}

export interface FollowerPosition {
  readonly segmentId: bigint
  readonly position: number
  readonly hadIndex: boolean
}

const INDEX_POLL_MS = 20
/** What a marker's period of 1,000 writes/s fits into; beyond it windows are read. */
const PROBE_BYTES = 64 * 1024
const WINDOW_BYTES = 1024 * 1024
/** Header and first marker of most segments. */
const HEADER_BYTES = 4096
/** Between two looks at the folder and at the next segment: a segment ends every 32 MiB. */
const SUCCESSOR_MS = 50
/** A file that is not mapped grows by less. */
const MAPPED_BYTES_MIN = 256 * 1024
/** Files that go between two looks. */
const OPEN_ATTEMPTS = 10
/** A position behind every record. */
const WHOLE_SEGMENT = 0x7fff_ffff

export class SegmentFollower {
  readonly #options: FollowerOptions
  readonly #known = new Map<bigint, SegmentEntry>()
  #from: { readonly segmentId: bigint; readonly position: number } | undefined
  #open: Open | undefined
  /** Of the last segment that was left. */
  #lastId = -1n
  #isStarted = false
  /** A state that was reached without waiting and is not dealt with yet. */
  #pending: FileState | undefined
  #successorMs = Number.NEGATIVE_INFINITY
  #lookedMs: number | undefined
  readonly #vanished: VanishedSegments

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#vanished = new VanishedSegments(options.mayDelete)
  }

  /** Everything up to here was given out. */
  get position(): FollowerPosition {
    if (this.#open === undefined) {
      const left = { segmentId: this.#lastId, position: WHOLE_SEGMENT }
      const { segmentId, position } = this.#from ?? left
      return { segmentId, position, hadIndex: this.#known.get(segmentId)?.hasIndex ?? false }
    }
    const { segmentId, hasIndex } = this.#open.entry
    const given = segmentId === this.#from?.segmentId ? this.#from.position : 0
    const position = Math.max(this.#open.reader.position, given)
    return { segmentId, position, hadIndex: this.#known.get(segmentId)?.hasIndex ?? hasIndex }
  }

  /** The server writes into mapped memory: its records are seen at the next marker, not at a sync. */
  get isMapped(): boolean {
    return (this.#open?.reader.bytesAhead ?? 0) >= MAPPED_BYTES_MIN
  }

  get reader(): SegmentReader | undefined {
    return this.#open?.reader
  }

  /** When the last look began after which there was nothing new, neither here nor in a later segment. */
  get lookedMs(): number | undefined {
    return this.#lookedMs
  }

  /** Segments that were left behind and still lie in the folder. */
  get left(): SegmentEntry[] {
    const { segmentId } = this.position
    return this.#entries().filter(one => one.segmentId < segmentId || one.segmentId <= this.#lastId)
  }

  /** Segments that lie behind the one that is read. */
  get segmentsAhead(): number {
    const { segmentId } = this.position
    return this.#entries().filter(one => one.segmentId > segmentId).length
  }

  /** Finds where to begin, once; what is written from then on is read. */
  async begin(): Promise<FollowerPosition> {
    if (!this.#isStarted) {
      await this.refresh()
      this.#from = this.#options.from ?? (await this.#findEnd())
      this.#lastId = (this.#from?.segmentId ?? 0n) - 1n
      this.#isStarted = true
    }
    return this.position
  }

  /** The next thing in the log; undefined: nothing more is written yet. */
  async next(): Promise<Followed | undefined> {
    if (!this.#isStarted) await this.begin()
    for (;;) {
      if (this.#open === undefined) {
        const lookedMs = Date.now()
        if (!(await this.#openNext())) {
          this.#lookedMs = lookedMs
          return undefined
        }
      }
      const open = this.#open!
      const state = this.#pending ?? (await open.file.next(open.reader, open.isFinal))
      this.#pending = undefined
      if (state === 'mutation' || state === 'problem') {
        if (this.#options.policy === 'idx') await this.#waitForIndex(open)
        return followedOf(open.reader, state)
      }
      if (state === 'caughtUp') {
        if (!open.isFinal && performance.now() - this.#successorMs < SUCCESSOR_MS) return undefined
        if (await this.#hasSuccessor(open)) {
          open.isFinal = true
          continue
        }
        this.#lookedMs = open.file.lookedMs
        return undefined
      }
      await open.file.close()
      this.#lastId = open.entry.segmentId
      this.#open = undefined
      this.#from = undefined
      if (state === 'corrupt') return { kind: 'problem', problem: open.reader.problem! }
    }
  }

  /** The same without waiting, while the bytes at hand last; undefined: call `next`. */
  nextAtHand(): Followed | undefined {
    const open = this.#open
    if (open === undefined || this.#options.policy === 'idx') return undefined
    const state = this.#pending ?? open.file.nextAtHand(open.reader)
    this.#pending = undefined
    if (state === 'mutation' || state === 'problem') return followedOf(open.reader, state)
    this.#pending = state
    return undefined
  }

  /** Decodes the last record again, with the schema as it is now. */
  retry(): Followed | undefined {
    const { reader } = this.#open!
    const state = reader.retry()
    if (state === 'mutation' || state === 'problem') return followedOf(reader, state)
    this.#pending = state === 'needMore' ? undefined : state
    return undefined
  }

  /** Takes note of what lies in the folder, and of what vanished. */
  async refresh(): Promise<void> {
    const entries = await this.#options.folder.list()
    const { segmentId } = this.position
    const before = [...this.#known.values()]
    this.#known.clear()
    for (const entry of entries) this.#known.set(entry.segmentId, entry)
    const gone = await this.#vanished.between(before, entries, segmentId)
    for (const range of gone) this.#options.onVanished(range)
  }

  async close(): Promise<void> {
    await this.#open?.file.close()
    this.#open = undefined
  }

  /** The end of what is written now: of the newest segment that has data. */
  async #findEnd(): Promise<{ segmentId: bigint; position: number } | undefined> {
    const entries = this.#entries()
    for (const entry of entries.toReversed()) {
      const position = await this.#endOf(entry)
      if (position !== undefined) return { segmentId: entry.segmentId, position }
    }
    const [first] = entries
    return first === undefined ? undefined : { segmentId: first.segmentId, position: 0 }
  }

  /** Logical end of what a segment holds now; undefined: nothing, or it is gone. */
  async #endOf(entry: SegmentEntry): Promise<number | undefined> {
    const file = await SegmentFile.open(entry.path).catch(() => undefined)
    if (file === undefined) return undefined
    try {
      const reader = new SegmentReader({ ...this.#readerOptions(entry), wants: () => false })
      let state = await file.next(reader, false)
      while (state === 'problem' || state === 'mutation') state = await file.next(reader, false)
      return reader.counts.sections > 0 ? reader.position : undefined
    } finally {
      await file.close()
    }
  }

  #entries(): SegmentEntry[] {
    return [...this.#known.values()].sort((a, b) => (a.segmentId < b.segmentId ? -1 : 1))
  }

  #readerOptions({ segmentId }: SegmentEntry) {
    const { schema, wants, keyOf, policy } = this.#options
    return { schema, wants, keyOf, segmentId, isEager: policy === 'live' }
  }

  /** Opens the next segment; false when there is none. */
  async #openNext(): Promise<boolean> {
    const { policy, folder } = this.#options
    for (let attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
      // Also before another attempt: it was moved meanwhile, or is gone, which is told.
      await this.refresh()
      const entry = this.#nextEntry()
      if (entry === undefined) return false
      if (policy === 'completed' && !(await folder.isFinal(entry))) return false
      // Past the last marker everything in sight is looked at: a window each time.
      const probeBytes = policy === 'live' ? WINDOW_BYTES : PROBE_BYTES
      const file = await orUndefined(SegmentFile.open(entry.path, WINDOW_BYTES, probeBytes))
      if (file === undefined) continue
      const isFirst = entry.segmentId === this.#from?.segmentId
      const from = isFirst ? this.#from!.position : 0
      const reader = new SegmentReader({ ...this.#readerOptions(entry), from })
      this.#open = { entry, file, reader, isFinal: false }
      return true
    }
    return false
  }

  #nextEntry(): SegmentEntry | undefined {
    const { done } = this.#options
    return this.#entries().find(one => one.segmentId > this.#lastId && !done.has(one.segmentId))
  }

  /** Under `idx` a record is given out once the index says that it is on disk. */
  async #waitForIndex({ entry, reader }: Open): Promise<void> {
    const { folder, signal } = this.#options
    const { position } = reader.mutation
    while (!signal.aborted) {
      const index = await folder.readIndex(entry)
      if (index !== undefined && (index.isCompleted || index.position >= position)) return
      if (await folder.isFinal(entry)) return
      await systemClock.sleep(INDEX_POLL_MS, signal)
    }
  }

  /** A later segment has data: older ones were synced before it. */
  async #hasSuccessor({ entry, isFinal }: Open): Promise<boolean> {
    if (isFinal) return true
    this.#successorMs = performance.now()
    await this.refresh()
    const next = this.#entries().find(one => one.segmentId > entry.segmentId)
    if (next === undefined) return false
    const opening = SegmentFile.open(next.path, WINDOW_BYTES, HEADER_BYTES)
    const file = await opening.catch(() => undefined)
    if (file === undefined) return false
    try {
      const reader = new SegmentReader({ ...this.#readerOptions(next), wants: () => false })
      await file.next(reader, false)
      return reader.counts.sections > 0
    } finally {
      await file.close()
    }
  }
}

/** Undefined when the file is gone; one that cannot be read is never passed over. */
async function orUndefined(opening: Promise<SegmentFile>): Promise<SegmentFile | undefined> {
  try {
    return await opening
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    const message = `expected a readable segment: ${messageOf(cause)}`
    throw new ScamanderError(CDC_ERRORS.RAW_UNREADABLE, message, { cause })
  }
}

function followedOf(reader: SegmentReader, state: 'mutation' | 'problem'): Followed {
  const { mutation, problem } = reader
  if (state === 'problem') return { kind: 'problem', problem: problem! }
  return mutation.isComplete
    ? { kind: 'mutation', mutation }
    : { kind: 'mutation', mutation, problem: problem! }
}
