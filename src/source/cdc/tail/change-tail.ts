/**
 * The last changes that went into the queues, for people who look on.
 * Fed by QueueWriter with every batch, read by a route. Frames are kept as they are and decoded only
 * when somebody reads.
 * Invariants: bounded in count and bytes; while nobody looks only a few of each batch are copied;
 * nothing here holds up or fails a batch.
 * Spec: ui 4.3 (tails), 5.5.
 */
import type { CaptureTail, CaptureTailRow } from '../../../api-v1-capture.ts'
import { isScamanderError } from '../../../base/scamander-error.ts'
import { FrameDecoder } from '../delivery/frame-decoder.ts'
import { Frame } from '../frame.ts'
import type { Channel } from '../state/records.ts'
import type { KnownDefinition } from '../state/table-definition.ts'
import { toTailRow } from './tail-row.ts'

export interface TailedFrame {
  readonly frame: Frame
  /** Channels that collect it. */
  readonly owners: readonly Channel[]
}

interface Kept extends TailedFrame {
  readonly seq: number
  readonly digest: string
  readonly queuedAtMs: number
  readonly nodes: Set<string>
}

export interface TailQuery {
  /** The last that the reader has; 0: from the oldest kept. */
  readonly after: number
  /** Rows at most, the newest. */
  readonly limit: number
}

const FRAMES_MAX = 2000
const BYTES_MAX = 8 * 1024 * 1024
const FRAME_BYTES_MAX = 256 * 1024
/** Of one batch. */
const WATCHED_MAX = 200
const UNWATCHED_MAX = 10
const WATCHED_MS = 15_000
const ROWS_OF_FRAME_MAX = 50

export class ChangeTail {
  readonly #definitionOf: (frame: Frame) => KnownDefinition
  readonly #decoder = new FrameDecoder()
  readonly #kept: Kept[] = []
  readonly #byDigest = new Map<string, Kept>()
  #bytes = 0
  /** Of all frames, kept or not. */
  #seen = 0
  #readAtMs = Number.NEGATIVE_INFINITY

  constructor(definitionOf: (frame: Frame) => KnownDefinition) {
    this.#definitionOf = definitionOf
  }

  /** In the order of the log; frames that no channel collects are left out. */
  offer(batch: readonly TailedFrame[]): void {
    const isWatched = performance.now() - this.#readAtMs < WATCHED_MS
    const first = batch.length - (isWatched ? WATCHED_MAX : UNWATCHED_MAX)
    for (let i = 0; i < batch.length; i++) {
      const one = batch[i]!
      if (one.owners.length === 0) continue
      this.#seen++
      const isKept = i >= first && !one.frame.isControl
      if (isKept && one.frame.bytes.length <= FRAME_BYTES_MAX) this.#keep(one)
    }
  }

  read({ after: given, limit }: TailQuery): CaptureTail {
    this.#readAtMs = performance.now()
    // One from before a restart is beyond everything.
    const after = given > this.#seen ? 0 : given
    const items: CaptureTailRow[] = []
    let taken = 0
    for (let i = this.#kept.length - 1; i >= 0 && items.length < limit; i--) {
      const one = this.#kept[i]!
      if (one.seq <= after) break
      items.push(...this.#rowsOf(one))
      taken++
    }
    const skipped = given === 0 ? 0 : Math.max(0, this.#seen - after - taken)
    return { items: items.slice(0, limit).reverse(), next: this.#seen, skipped }
  }

  /** A copy of another replica is the same change. */
  #keep({ frame, owners }: TailedFrame): void {
    const digest = frame.digest.toString('latin1')
    const known = this.#byDigest.get(digest)
    if (known !== undefined && known.frame.hostId !== frame.hostId) {
      known.nodes.add(frame.hostId)
      this.#seen--
      return
    }
    const copy = new Frame(Buffer.from(frame.bytes))
    const nodes = new Set([frame.hostId])
    const seq = this.#seen
    const own = { frame: copy, owners, digest, nodes, seq, queuedAtMs: Date.now() }
    this.#kept.push(own)
    this.#byDigest.set(digest, own)
    this.#bytes += copy.bytes.length
    while (this.#kept.length > FRAMES_MAX || this.#bytes > BYTES_MAX) this.#forgetOldest()
  }

  #forgetOldest(): void {
    const oldest = this.#kept.shift()
    if (oldest === undefined) return
    this.#bytes -= oldest.frame.bytes.length
    if (this.#byDigest.get(oldest.digest) === oldest) this.#byDigest.delete(oldest.digest)
  }

  /** Newest first; none of a frame that does not fit its definition, which its task tells. */
  #rowsOf({ frame, owners, seq, queuedAtMs, nodes }: Kept): CaptureTailRow[] {
    const [owner] = owners
    try {
      const events = this.#decoder.decode(frame, this.#definitionOf(frame), owner!)
      const shown = events.slice(0, ROWS_OF_FRAME_MAX)
      const facts = { seq, queuedAtMs, replicas: nodes.size }
      const destinations = owners.map(one => one.destination)
      return shown.map(event => toTailRow(event, { ...facts, destinations })).reverse()
    } catch (error) {
      if (isScamanderError(error)) return []
      throw error
    }
  }
}
