/**
 * Writes the topic of state as its owner, and finds out when it is the owner no more.
 * Made by QueueReplica, which calls it in turns. Kafka fences a writer for two reasons: another worker
 * has opened it, or a transaction was open for too long, because Kafka or this worker hung. Then the
 * topic tells: only when another owner stands in it was the prefix taken over.
 * Invariants: after `lost` nothing is written any more; nobody is answered later than `LEASE_MS` after
 * the last write; a round is noted in the file before it is written.
 * Spec: docs/adr/0032-queues-in-topics.md.
 */
import { isScamanderError, messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import {
  KAFKA_ERRORS,
  type KafkaClientSettings,
  type LogEntry,
  type TransactionalWriter,
} from '../../../kafka/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { CaptureStore } from '../state/capture-store.ts'
import type { StateEntry } from '../state/state-mirror.ts'
import { OwnFile } from './own-file.ts'
import { HEARTBEAT_MS, LEASE_MS, OWNER_KEY, type OwnerRecord } from './owner-record.ts'
import { StateReader } from './state-reader.ts'

export interface OwnerWriterParts {
  readonly store: CaptureStore
  readonly writer: TransactionalWriter
  readonly client: KafkaClientSettings
  readonly prefix: string
  readonly ownerId: string
  readonly logger: Logger
}

const PAGE_BYTES = 256 * 1024

export class OwnerWriter {
  /** Where agents and deliverers find this worker. */
  #url = ''
  readonly #parts: OwnerWriterParts
  readonly #file: OwnFile
  #onLost: (error: ScamanderError) => void = () => undefined
  #lost: ScamanderError | undefined
  #round = 0
  #leaseUntilMs = 0
  #leaseUntilWallMs = 0
  #heartbeatMs = 0

  constructor(parts: OwnerWriterParts) {
    this.#parts = parts
    this.#file = new OwnFile(parts.store)
  }

  /** Told once, when another worker has taken over. */
  set onLost(tell: (error: ScamanderError) => void) {
    this.#onLost = tell
  }

  get lost(): ScamanderError | undefined {
    return this.#lost
  }

  get isHeartbeatDue(): boolean {
    return performance.now() - this.#heartbeatMs >= HEARTBEAT_MS
  }

  announce(url: string): void {
    this.#url = url
    this.#heartbeatMs = 0
  }

  /** The first write of this ownership; fails when another worker came in between. */
  async begin(): Promise<void> {
    const { ownerId } = this.#parts
    this.#file.noteNext(ownerId)
    await this.#writePage([this.#owner(false)], { mayReclaim: false })
    this.#file.noteOwner(ownerId)
  }

  /** `withOwner`: the sign of life goes with it. Pages are transactions of their own. */
  async write(
    entries: readonly StateEntry[],
    { withOwner }: { withOwner: boolean },
  ): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost
    const own = withOwner ? [this.#owner(false)] : []
    for (const page of pagesOf([...entries.map(toLogEntry), ...own])) await this.#writePage(page)
    if (withOwner) this.#heartbeatMs = performance.now()
  }

  /** The last write: whoever takes over need not wait. */
  async release(): Promise<void> {
    if (this.#lost === undefined) await this.#writePage([this.#owner(true)])
  }

  /** By both clocks: one may stand still while the machine sleeps, the other may be set. */
  checkLease(): void {
    const isHeld = performance.now() < this.#leaseUntilMs && Date.now() < this.#leaseUntilWallMs
    if (isHeld) return
    const message = `the topics of ${this.#parts.prefix} were not written for ${LEASE_MS} ms`
    throw new ScamanderError(CDC_ERRORS.QUEUE_UNAVAILABLE, message)
  }

  unavailable(cause: unknown): ScamanderError {
    if (this.#lost !== undefined) return this.#lost
    const message = `the topics of ${this.#parts.prefix} cannot be written: ${messageOf(cause)}`
    return new ScamanderError(CDC_ERRORS.QUEUE_UNAVAILABLE, message, { cause })
  }

  async #writePage(page: readonly LogEntry[], { mayReclaim = true } = {}): Promise<void> {
    const { writer } = this.#parts
    for (let isFirst = true; ; isFirst = false) {
      const [sinceMs, sinceWallMs] = [performance.now(), Date.now()]
      try {
        await writer.write(page)
        this.#leaseUntilMs = sinceMs + LEASE_MS
        this.#leaseUntilWallMs = sinceWallMs + LEASE_MS
        return
      } catch (error) {
        const isFenced = isScamanderError(error) && error.code === KAFKA_ERRORS.PRODUCER_FENCED.code
        if (!isFenced || !mayReclaim || !isFirst) throw this.unavailable(error)
        await this.#reclaim(error)
      }
    }
  }

  /** Resolves when nobody has taken over, and the writer may write again. */
  async #reclaim(cause: ScamanderError): Promise<void> {
    const { client, prefix, logger, writer, store } = this.#parts
    const reader = new StateReader(client, prefix, logger)
    try {
      await reader.open()
      await reader.readToEnd()
      // First without opening: that would fence the one who has taken over.
      this.#checkOwner(reader, cause)
      await writer.open()
      await reader.readToEnd()
      this.#checkOwner(reader, cause)
      // The topic was emptied: it gets everything again.
      if (reader.owner === undefined) store.mirror.begin(reader.entries.keys())
    } catch (error) {
      throw this.unavailable(error)
    } finally {
      await reader.close()
    }
    logger.info(`a transaction for ${prefix} was ended by Kafka; nobody took over, capture goes on`)
  }

  #checkOwner({ owner }: StateReader, cause: ScamanderError): void {
    const { prefix, ownerId } = this.#parts
    if (owner === undefined || owner.id === ownerId) return
    const message = `another worker captures for ${prefix} now: this one takes no changes any more`
    this.#lost = new ScamanderError(CDC_ERRORS.TAKEN_OVER, message, { cause })
    this.#onLost(this.#lost)
    throw this.#lost
  }

  #owner(isReleased: boolean): LogEntry {
    const { ownerId: id, prefix } = this.#parts
    const round = ++this.#round
    try {
      this.#file.noteRound({ id, round, prefix })
    } catch (error) {
      throw this.unavailable(error)
    }
    const owner: OwnerRecord = { id, url: this.#url, atMs: Date.now(), isReleased, round }
    return toLogEntry([OWNER_KEY, JSON.stringify(owner)])
  }
}

/** Each is one request and one transaction. */
function* pagesOf(entries: readonly LogEntry[]): Generator<readonly LogEntry[]> {
  let page: LogEntry[] = []
  let bytes = 0
  for (const entry of entries) {
    const size = entry.key.length + (entry.value?.length ?? 0)
    if (page.length > 0 && bytes + size > PAGE_BYTES) {
      yield page
      page = []
      bytes = 0
    }
    page.push(entry)
    bytes += size
  }
  if (page.length > 0) yield page
}

function toLogEntry([key, value]: StateEntry): LogEntry {
  return { key: Buffer.from(key), value: value === null ? null : Buffer.from(value) }
}
