/**
 * The work of an agent's thread: follow the log, keep the schema in step with it, put updates of
 * captured tables into batches, and clean up behind.
 * Runs in agent-worker.ts; knows its agent only through a port.
 * Invariants: a batch's position is sent with everything before it; a segment is deleted only when
 * the agent has written down that it is done with it.
 * Spec: cdc-replication 1.5, 6, 8.1.
 */
import type { MessagePort } from 'node:worker_threads'
import { systemClock } from '../../../base/clock.ts'
import {
  isSchemaTable,
  isTruncationTable,
  type Mutation,
  type PartitionUpdate,
  type RecordProblem,
  SchemaCatalog,
  type TableSchema,
} from '../../../commitlog/index.ts'
import { murmur3Token, tokenToBigint } from '../../../cql/index.ts'
import { FRAME_FLAG } from '../frame.ts'
import { type TableDefinition, toDefinition } from '../state/table-definition.ts'
import { CdcFolder } from './cdc-folder.ts'
import { FrameBatch } from './frame-batch.ts'
import { type SchemaEvent, SchemaWatch } from './schema-watch.ts'
import { type Followed, SegmentFollower } from './segment-follower.ts'
import {
  BATCHES_MAX,
  type FromWorker,
  type ToWorker,
  type WorkerPosition,
  type WorkerStart,
} from './worker-messages.ts'

const CLEAN_UP_MS = 1000
const CAUGHT_UP_MS = 200
/** Events that are no row change go to the first queue partition. */
const FIRST_TOKEN = -(2n ** 63n)
const NO_UPDATE = 0xffff
/** How long an id that no schema knows is not asked for again. */
const UNKNOWN_MS = 60_000
const LINGER_MS = 5
/** Records read in one turn, before messages are looked at. */
const TURN_RECORDS = 512

export class LogReader {
  readonly #port: MessagePort
  readonly #start: WorkerStart
  readonly #folder: CdcFolder
  readonly #catalog = new SchemaCatalog()
  readonly #follower: SegmentFollower
  readonly #watch = new SchemaWatch(this.#catalog)
  readonly #hostId: Buffer
  readonly #stop = new AbortController()
  readonly #definitions = new WeakMap<TableSchema, TableDefinition>()
  readonly #sentDefinitions = new Set<string>()
  readonly #unknownUntilMs = new Map<string, number>()
  readonly #counts = { records: 0, updates: 0, bytes: 0, corrupt: 0, undecodable: 0 }
  #wanted: ReadonlySet<string>
  #batch = new FrameBatch()
  #batchSinceMs = 0
  #freshDefinitions: TableDefinition[] = []
  #unacknowledged = 0
  #wake: (() => void) | undefined
  #schemaAnswer: PromiseWithResolvers<void> | undefined
  #settled: WorkerPosition | undefined
  #sent = ''
  #cleanedMs = 0
  #caughtUpMs = 0
  readonly #announced = new Set<bigint>()
  readonly #token = { high: 0, low: 0 }

  constructor(port: MessagePort, start: WorkerStart) {
    this.#port = port
    this.#start = start
    this.#folder = new CdcFolder(start.folder, start.overflow)
    this.#catalog.load(start.schema)
    this.#wanted = new Set(start.wanted)
    this.#hostId = Buffer.from(start.hostId.replaceAll('-', ''), 'hex')
    const keys = new Map(start.keys.map(([alias, key]) => [alias, Buffer.from(key)]))
    this.#follower = new SegmentFollower({
      folder: this.#folder,
      schema: this.#catalog,
      wants: table => isSchemaTable(table) || isTruncationTable(table) || this.#isWanted(table),
      keyOf: alias => keys.get(alias),
      policy: start.policy,
      from: start.from,
      done: new Set(start.done),
      signal: this.#stop.signal,
      mayDelete: () => this.#mayDelete(),
      onVanished: range => this.#post({ kind: 'vanished', ...range }),
    })
    port.on('message', (message: ToWorker) => this.#receive(message))
  }

  /** Resolves when it was told to stop and everything read was sent. */
  async run(): Promise<void> {
    // Before anything is read: this position is stored, and batches in flight lie behind it.
    this.#post({ kind: 'ready', position: await this.#follower.begin() })
    while (!this.#stop.signal.aborted) {
      const isIdle = await this.#turn()
      if (isIdle) this.#tellCaughtUp()
      await this.#cleanUp()
      if (isIdle) await systemClock.sleep(this.#start.pollMs, this.#stop.signal)
    }
    await this.#flush()
    await this.#follower.close()
    this.#post({ kind: 'stopped' })
  }

  /** Complete segments tell nothing of what is being written. */
  #tellCaughtUp(): void {
    const { policy, syncMs } = this.#start
    const { lookedMs = 0 } = this.#follower
    if (policy === 'completed' || lookedMs - this.#caughtUpMs < CAUGHT_UP_MS) return
    this.#caughtUpMs = lookedMs
    const atMs = lookedMs - (this.#follower.isMapped ? 0 : syncMs)
    this.#post({ kind: 'caughtUp', atMs })
  }

  #isWanted({ keyspace, name, isCdc }: TableSchema): boolean {
    return isCdc && this.#wanted.has(`${keyspace}.${name}`)
  }

  /** Reads what there is, up to a limit; true when there is no more. */
  async #turn(): Promise<boolean> {
    for (let i = 0; i < TURN_RECORDS; i++) {
      const followed = this.#follower.nextAtHand() ?? (await this.#follower.next())
      if (followed === undefined) {
        await this.#flush()
        return true
      }
      this.#counts.records++
      if (followed.problem !== undefined) await this.#takeProblem(followed)
      else if (followed.kind === 'mutation') this.#takeMutation(followed.mutation)
      const isDue = performance.now() - this.#batchSinceMs >= LINGER_MS
      if (this.#batch.isFull || (this.#batch.count > 0 && isDue)) await this.#flush()
    }
    // Gives messages of the agent their turn.
    await new Promise(resolve => setImmediate(resolve))
    return false
  }

  async #takeProblem(followed: Followed): Promise<void> {
    let now: Followed | undefined = followed
    if (now.problem !== undefined && (await this.#canRetry(now.problem)))
      now = this.#follower.retry()
    if (now === undefined) return
    if (now.kind === 'mutation') this.#takeMutation(now.mutation)
    if (now.problem !== undefined) this.#report(now.problem)
  }

  #takeMutation(mutation: Mutation): void {
    this.#counts.bytes += mutation.end - mutation.start
    const { version } = this.#catalog
    for (const event of this.#watch.apply(mutation, this.#wanted)) this.#addEvent(mutation, event)
    if (this.#catalog.version !== version) this.#unknownUntilMs.clear()
    for (const update of mutation.updates) {
      if (this.#isWanted(update.table.schema)) this.#addFrame(mutation, update)
    }
  }

  /** A schema change or a truncation, as a frame of its table's queues. */
  #addEvent(mutation: Mutation, event: SchemaEvent): void {
    const { segmentId, position, version } = mutation
    const { type, table, of, timestamp, before, after, identity } = event
    const id = Buffer.from(table.id.replaceAll('-', ''), 'hex')
    const text = JSON.stringify({ type, of, timestamp: timestamp.toString(), before, after })
    const body = Buffer.concat([id, Buffer.from(text)])
    if (this.#batch.count === 0) this.#batchSinceMs = performance.now()
    const facts = {
      ...{ version, hostId: this.#hostId, segmentId, position, updateIndex: NO_UPDATE },
      ...{ token: FIRST_TOKEN, schemaHash: this.#definitionOf(table).hash, readAtMs: Date.now() },
      ...{ flags: FRAME_FLAG.control, identity },
    }
    this.#batch.add(facts, body, 0, body.length)
  }

  #addFrame(mutation: Mutation, update: PartitionUpdate): void {
    const { bytes, version, segmentId, position } = mutation
    const { keyStart, keyEnd, start, end } = update
    const definition = this.#definitionOf(update.table.schema)
    murmur3Token(bytes, { start: keyStart, end: keyEnd }, this.#token)
    const token = tokenToBigint(this.#token)
    if (this.#batch.count === 0) this.#batchSinceMs = performance.now()
    const facts = {
      ...{ version, hostId: this.#hostId, segmentId, position, updateIndex: update.index, token },
      ...{ schemaHash: definition.hash, readAtMs: Date.now() },
    }
    this.#batch.add(facts, bytes, start, end)
    this.#counts.updates++
  }

  #definitionOf(table: TableSchema): TableDefinition {
    let definition = this.#definitions.get(table)
    if (definition === undefined) {
      definition = toDefinition(table)
      this.#definitions.set(table, definition)
    }
    const name = `${definition.tableId}/${definition.hash}`
    if (!this.#sentDefinitions.has(name)) {
      this.#sentDefinitions.add(name)
      this.#freshDefinitions.push(definition)
    }
    return definition
  }

  /** Asks for the schema of the cluster, once a minute for each unknown table. */
  async #canRetry({ kind, tableId }: RecordProblem): Promise<boolean> {
    if (kind !== 'unknownTable' && kind !== 'undecodable') return false
    const name = tableId ?? kind
    const nowMs = performance.now()
    if ((this.#unknownUntilMs.get(name) ?? 0) > nowMs) return false
    this.#unknownUntilMs.set(name, nowMs + UNKNOWN_MS)
    this.#schemaAnswer = Promise.withResolvers()
    this.#post({ kind: 'schemaWanted', tableId })
    await this.#schemaAnswer.promise
    return true
  }

  #report({ kind, message }: RecordProblem): void {
    const isUndecodable = kind === 'unknownTable' || kind === 'undecodable'
    if (isUndecodable) this.#counts.undecodable++
    else this.#counts.corrupt++
    const { mutation } = this.#follower.reader ?? {}
    const record =
      isUndecodable && mutation !== undefined
        ? new Uint8Array(mutation.bytes.subarray(mutation.start, mutation.end))
        : undefined
    this.#post({ kind: 'problem', message, isUndecodable, record })
  }

  /** Sends frames and position; waits while too much is under way. */
  async #flush(): Promise<void> {
    const { position } = this.#follower
    const place = `${position.segmentId}:${position.position}:${position.hadIndex}`
    if (this.#batch.count === 0 && (place === this.#sent || this.#unacknowledged > 0)) return
    while (this.#unacknowledged >= BATCHES_MAX) {
      // What the node deletes while the queue is away is told with its bounds.
      if (await this.#isSilent()) await this.#follower.refresh()
    }
    this.#sent = place
    this.#unacknowledged++
    const { frames, ends } = this.#batch.take()
    const definitions = this.#freshDefinitions
    this.#freshDefinitions = []
    const counts = { ...this.#counts, segmentsAhead: this.#follower.segmentsAhead }
    const message: FromWorker = { kind: 'batch', frames, ends, definitions, position, counts }
    this.#port.postMessage(message, [frames])
  }

  async #mayDelete(): Promise<boolean> {
    const { deletesFromBytes } = this.#start
    if (deletesFromBytes === undefined) return false
    return (await this.#folder.usage()).bytes >= deletesFromBytes
  }

  /** Resolves with the next message; true: none came for a while. */
  async #isSilent(): Promise<boolean> {
    const over = new AbortController()
    const message = new Promise<boolean>(resolve => {
      this.#wake = () => resolve(false)
    })
    const silence = systemClock.sleep(CLEAN_UP_MS, over.signal).then(() => true)
    const isSilent = await Promise.race([message, silence])
    over.abort()
    return isSilent
  }

  /** Tells the agent of segments that are read, settled and final. */
  async #cleanUp(): Promise<void> {
    const nowMs = performance.now()
    if (nowMs - this.#cleanedMs < CLEAN_UP_MS) return
    this.#cleanedMs = nowMs
    await this.#follower.refresh()
    const settled = this.#settled?.segmentId ?? -1n
    const finished: bigint[] = []
    for (const entry of this.#follower.left) {
      const { segmentId } = entry
      if (segmentId >= settled || this.#announced.has(segmentId)) continue
      if (!(await this.#folder.isFinal(entry))) continue
      this.#announced.add(segmentId)
      finished.push(segmentId)
    }
    if (finished.length > 0) this.#post({ kind: 'finished', segmentIds: finished })
    await this.#folder.deleteOrphans(settled)
  }

  async #delete(segmentIds: readonly bigint[]): Promise<void> {
    const ids = new Set(segmentIds)
    for (const entry of await this.#folder.list()) {
      if (ids.has(entry.segmentId)) await this.#folder.delete(entry)
    }
    for (const id of ids) this.#announced.delete(id)
  }

  #receive(message: ToWorker): void {
    switch (message.kind) {
      case 'wanted':
        this.#wanted = new Set(message.tables)
        // What is decoded for whom is remembered per version.
        this.#catalog.version++
        this.#post({ kind: 'applied' })
        break
      case 'ack':
        this.#unacknowledged--
        this.#settled = message.position
        break
      case 'schema':
        if (message.rows !== undefined) this.#catalog.load(message.rows)
        this.#schemaAnswer?.resolve()
        break
      case 'delete':
        this.#delete(message.segmentIds).catch((error: Error) => {
          const problem = { isUndecodable: false, record: undefined }
          this.#post({ kind: 'problem', message: error.message, ...problem })
        })
        break
      case 'stop':
        this.#stop.abort()
        this.#schemaAnswer?.resolve()
    }
    this.#wake?.()
    this.#wake = undefined
  }

  #post(message: FromWorker): void {
    this.#port.postMessage(message)
  }
}
