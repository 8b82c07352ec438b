/**
 * One entry of a channel's queue: a partition update as logged, behind a header.
 *
 *     format u8 | flags u8 | version u8 | 0 | hostId 16 | segmentId i64 | position i32 |
 *     updateIndex u16 | token i64 | schemaHash u64 | digest 16 | readAtMs i64 | spare u16 | update
 *
 * Written by agents, read by tasks. Values stay in Cassandra's encoding: nothing is converted twice.
 * Invariant: the digest is of the update's bytes alone, so replicas' copies of one write are equal.
 * Spec: cdc-replication 1.5.
 */
import { hash } from 'node:crypto'
import { formatUuid } from '../../cql/index.ts'

export const FRAME_HEADER_BYTES = 76
export const DIGEST_BYTES = 16
/** Queue partitions of a channel; each is one contiguous interval of tokens. */
export const QUEUE_PARTITIONS = 12

const AT = {
  flags: 1,
  version: 2,
  hostId: 4,
  segmentId: 20,
  position: 28,
  updateIndex: 32,
  token: 34,
  schemaHash: 42,
  digest: 50,
  readAt: 66,
} as const
const FORMAT = 1
export const TABLE_ID_BYTES = 16

export interface FrameFacts {
  readonly version: number
  /** 16 bytes. */
  readonly hostId: Buffer
  readonly segmentId: bigint
  readonly position: number
  readonly updateIndex: number
  readonly token: bigint
  readonly schemaHash: bigint
  readonly readAtMs: number
  /** `FRAME_FLAG` bits. @default 0 */
  readonly flags?: number
  /** What copies of it have in common, when that is not all of its bytes. */
  readonly identity?: string
}

/**
 * overdue: the copy of the primary replica did not come in time. control: the body is a table id and
 * JSON: a schema change or a truncation. unconfirmed: too few replicas gave it in time.
 */
export const FRAME_FLAG = { overdue: 1, control: 8, unconfirmed: 16 } as const

/** Writes a frame at `at` of `out` and returns where it ends. */
export function writeFrame(
  out: Buffer,
  at: number,
  { facts, bytes, start, end }: { facts: FrameFacts; bytes: Buffer; start: number; end: number },
): number {
  out.fill(0, at, at + FRAME_HEADER_BYTES)
  out[at] = FORMAT
  out[at + AT.version] = facts.version
  facts.hostId.copy(out, at + AT.hostId)
  out.writeBigInt64BE(facts.segmentId, at + AT.segmentId)
  out.writeInt32BE(facts.position, at + AT.position)
  out.writeUInt16BE(facts.updateIndex & 0xffff, at + AT.updateIndex)
  out.writeBigInt64BE(facts.token, at + AT.token)
  out.writeBigUInt64BE(facts.schemaHash, at + AT.schemaHash)
  const update = bytes.subarray(start, end)
  out[at + AT.flags] = facts.flags ?? 0
  const digest = hash('md5', facts.identity ?? update, 'buffer')
  digest.copy(out, at + AT.digest)
  out.writeBigInt64BE(BigInt(facts.readAtMs), at + AT.readAt)
  update.copy(out, at + FRAME_HEADER_BYTES)
  return at + FRAME_HEADER_BYTES + update.length
}

/** A view of one frame; made per frame by the task that delivers it. */
export class Frame {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get version(): number {
    return this.bytes[AT.version]!
  }

  get isControl(): boolean {
    return (this.bytes[AT.flags]! & FRAME_FLAG.control) !== 0
  }

  /** Fewer replicas than the channel asks for gave it in time. */
  get isUnconfirmed(): boolean {
    return (this.bytes[AT.flags]! & FRAME_FLAG.unconfirmed) !== 0
  }

  /** The copy of the primary replica did not come in time. */
  get isOverdue(): boolean {
    return (this.bytes[AT.flags]! & FRAME_FLAG.overdue) !== 0
  }

  mark(flag: number): void {
    this.bytes[AT.flags] = this.bytes[AT.flags]! | flag
  }

  /** Of a control frame. */
  get controlText(): string {
    return this.bytes.toString('utf8', FRAME_HEADER_BYTES + TABLE_ID_BYTES)
  }

  get hostId(): string {
    return formatUuid(this.bytes, AT.hostId)
  }

  get segmentId(): bigint {
    return this.bytes.readBigInt64BE(AT.segmentId)
  }

  get position(): number {
    return this.bytes.readInt32BE(AT.position)
  }

  get updateIndex(): number {
    return this.bytes.readUInt16BE(AT.updateIndex)
  }

  get schemaHash(): bigint {
    return this.bytes.readBigUInt64BE(AT.schemaHash)
  }

  get digest(): Buffer {
    return this.bytes.subarray(AT.digest, AT.digest + DIGEST_BYTES)
  }

  get readAtMs(): number {
    return Number(this.bytes.readBigInt64BE(AT.readAt))
  }

  /** Of the table that the update is for. */
  get tableId(): string {
    return formatUuid(this.bytes, FRAME_HEADER_BYTES)
  }

  /** For the same table, under the same definition. */
  isLike({ bytes }: Frame): boolean {
    const hash = [AT.schemaHash, AT.digest] as const
    const table = [FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + TABLE_ID_BYTES] as const
    return (
      this.bytes.compare(bytes, ...hash, ...hash) === 0 &&
      this.bytes.compare(bytes, ...table, ...table) === 0
    )
  }

  get token(): bigint {
    return this.bytes.readBigInt64BE(AT.token)
  }

  get partition(): number {
    return partitionOf(this.token)
  }

  /** The update from its table id to its end. */
  get update(): Buffer {
    return this.bytes.subarray(FRAME_HEADER_BYTES)
  }
}

/** The queue partition of a token. */
export function partitionOf(token: bigint): number {
  return Number(((token + (1n << 63n)) * BigInt(QUEUE_PARTITIONS)) >> 64n)
}
