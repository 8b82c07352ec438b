/**
 * One connection to one node, for statements that must run there or that read rows as bytes: the
 * local tables of a node, pages of a token range, single rows read again.
 * Opened by capture and its commands. No retries, no pool: who calls opens it again.
 * Invariant: a result owns its bytes; every request ends, at the latest with its time-out.
 * Spec: native protocol v5, 4.1.4; design, decision 6.
 */
import type { ConnectionOptions } from 'node:tls'
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { ScamanderError } from '../../base/scamander-error.ts'
import {
  CellCursor,
  CONSISTENCY,
  type Codec,
  type ConsistencyCode,
  type CqlValue,
  codecFor,
  type FrameView,
  OPCODE,
  type PreparedResult,
  type ProtocolVersion,
  type QueryParameters,
  type RowsResult,
  readMessage,
  writeMessage,
} from '../../cql/index.ts'
import { classify } from '../classify.ts'
import type { CassandraConnectionSettings } from '../settings.ts'
import type { NodeEndpoint, NodeRef } from '../topology.ts'
import type { DataConnection } from './connection.ts'
import { agreeOnProtocol, openConnection } from './handshake.ts'
import { PrepareRequest } from './prepare-request.ts'
import { readServerError } from './server-error.ts'
import type { WireRequest } from './wire-request.ts'

export interface LinkQuery {
  /** Values as the column types encode them; null is null. */
  readonly values?: readonly (Buffer | null)[]
  /** @default ONE */
  readonly consistency?: ConsistencyCode
  readonly pageSize?: number
  readonly pagingState?: Buffer | undefined
}

export type LinkRow = Readonly<Record<string, CqlValue>>

const PAGE_SIZE = 5000
const EXPIRE_MS = 1000

export class NodeLink {
  readonly protocolVersion: number
  readonly #connection: DataConnection
  readonly #timeoutMs: number
  readonly #timer: NodeJS.Timeout

  private constructor(connection: DataConnection, timeoutMs: number, protocolVersion: number) {
    this.#connection = connection
    this.#timeoutMs = timeoutMs
    this.protocolVersion = protocolVersion
    this.#timer = setInterval(() => connection.expire(performance.now()), EXPIRE_MS)
    this.#timer.unref()
  }

  /** Connects to exactly this node; contact points and data centre of the settings are not used. */
  static async open(
    point: NodeEndpoint,
    settings: CassandraConnectionSettings,
    tls?: ConnectionOptions,
  ): Promise<NodeLink> {
    const node = nodeOf(point)
    const agreed = await agreeOnProtocol(node, settings, tls)
    const connection = await openConnection(node, settings, { ...agreed, tls })
    return new NodeLink(connection, settings.requestTimeoutMs, agreed.version)
  }

  get isClosed(): boolean {
    return this.#connection.isClosed
  }

  /** One page; undefined when the statement gives no rows. */
  async query(cql: string, options: LinkQuery = {}): Promise<RowsResult | undefined> {
    const { values, consistency = CONSISTENCY.ONE, pageSize = PAGE_SIZE, pagingState } = options
    const parameters: QueryParameters = { consistency, pageSize, pagingState, values }
    const request = new QueryRequest(cql, parameters, performance.now() + this.#timeoutMs)
    this.#connection.send(request)
    return await request.finished
  }

  /** All pages, decoded; for small results. */
  async rows(cql: string, options: LinkQuery = {}): Promise<LinkRow[]> {
    const out: LinkRow[] = []
    let pagingState: Buffer | undefined
    do {
      const page = await this.query(cql, { ...options, pagingState })
      if (page === undefined) break
      out.push(...decodeRows(page))
      pagingState = page.pagingState
    } while (pagingState !== undefined)
    return out
  }

  /** A refusal of the server is an error of kind `config`. */
  async prepare(cql: string): Promise<PreparedResult> {
    const request = new PrepareRequest(cql, 'prepare', performance.now() + this.#timeoutMs)
    this.#connection.send(request)
    return await request.finished
  }

  close(): void {
    clearInterval(this.#timer)
    this.#connection.close()
  }
}

/** The rows of a page as objects by column name. */
export function decodeRows(page: RowsResult): LinkRow[] {
  const { columns = [] } = page.metadata
  const codecs: Codec[] = columns.map(column => codecFor(column.type))
  const cursor = new CellCursor(columns.length)
  cursor.reset(page)
  const out: LinkRow[] = []
  while (cursor.nextRow()) {
    const row: Record<string, CqlValue> = {}
    for (const [i, { name }] of columns.entries()) {
      const length = cursor.lengths[i]!
      row[name] = length < 0 ? null : codecs[i]!.decode(cursor.bytes, cursor.starts[i]!, length)
    }
    out.push(row)
  }
  return out
}

function nodeOf(endpoint: NodeEndpoint): NodeRef {
  return {
    ...{ hostId: '', address: endpoint.host, endpoint, dc: '', rack: '' },
    ...{ releaseVersion: '', isLocal: true, isUp: true },
  }
}

class QueryRequest implements WireRequest {
  readonly deadlineMs: number
  readonly finished: Promise<RowsResult | undefined>
  readonly #cql: string
  readonly #parameters: QueryParameters
  readonly #resolve: (result: RowsResult | undefined) => void
  readonly #reject: (error: ScamanderError) => void

  constructor(cql: string, parameters: QueryParameters, deadlineMs: number) {
    this.deadlineMs = deadlineMs
    this.#cql = cql
    this.#parameters = parameters
    const { promise, resolve, reject } = Promise.withResolvers<RowsResult | undefined>()
    this.finished = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  write(writer: ByteWriter, version: ProtocolVersion, stream: number): number {
    const message = { kind: 'QUERY', query: this.#cql, parameters: this.#parameters } as const
    return writeMessage(writer, message, { version, stream })
  }

  onFrame(frame: FrameView): void {
    if (frame.opcode !== OPCODE.RESULT) {
      this.#reject(classify(readServerError(frame), { phase: 'prepare', statement: this.#cql }))
      return
    }
    const { message } = readMessage(frame)
    const isRows = message.kind === 'RESULT' && message.result === 'ROWS'
    this.#resolve(isRows ? ownedRows(message) : undefined)
  }

  onError(error: ScamanderError): void {
    this.#reject(error)
  }
}

/** The frame's buffer is reused after the call. */
function ownedRows(rows: RowsResult): RowsResult {
  const bytes = Buffer.from(rows.bytes.subarray(rows.rowsStart, rows.rowsEnd))
  const { pagingState } = rows
  const owned = pagingState === undefined ? undefined : Buffer.from(pagingState)
  return { ...rows, bytes, rowsStart: 0, rowsEnd: bytes.length, pagingState: owned }
}
