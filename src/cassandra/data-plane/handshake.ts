/**
 * Opens a data connection: TCP or TLS, STARTUP, authentication, and from v5 on segments.
 * Called by node pools. The protocol version is agreed once per session (`agreeOnProtocol`), with
 * the first node that answers; every other connection uses the same.
 * Invariant: a connection that is handed out has finished its handshake; nothing of a failed one
 * stays open.
 * Spec: native protocol v5, sections 2.3 and 4.1.1-4.1.3; cassandra-sink 7 (Snappy needs v4).
 */
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { ByteWriter } from '../../base/byte-writer.ts'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import {
  CONSISTENCY,
  type Compressor,
  type CqlRequest,
  type CqlResponse,
  compressorByName,
  FrameAssembler,
  type ProtocolVersion,
  readMessage,
  SegmentWriter,
  writeMessage,
} from '../../cql/index.ts'
import { classify, SERVER_ERROR_CODES } from '../classify.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import { quoteIdentifier } from '../identifier.ts'
import type { CassandraConnectionSettings, Credentials } from '../settings.ts'
import type { NodeRef } from '../topology.ts'
import { DataConnection } from './connection.ts'

/** What all connections of a session have in common. */
export interface Agreed {
  readonly version: ProtocolVersion
  readonly compressor: Compressor | undefined
}

const KEEP_ALIVE_MS = 30_000

type Answer = CqlResponse | { readonly kind: 'CLOSED'; readonly reason: string }

/** The highest version that node and settings allow, with the compression it permits. */
export async function agreeOnProtocol(
  node: NodeRef,
  settings: CassandraConnectionSettings,
  tls: ConnectionOptions | undefined,
): Promise<Agreed> {
  const compressor = compressorByName(settings.compression)
  const highest = compressor?.name === 'snappy' ? 4 : 5
  let version = Math.min(settings.protocolVersionMax ?? 5, highest) as ProtocolVersion
  for (;;) {
    try {
      const connection = await openConnection(node, settings, { version, compressor, tls })
      connection.close()
      return { version, compressor }
    } catch (error) {
      if (!isVersionRefused(error) || version === 3) throw error
      version = (version - 1) as ProtocolVersion
    }
  }
}

export async function openConnection(
  node: NodeRef,
  settings: CassandraConnectionSettings,
  agreed: Agreed & { readonly tls: ConnectionOptions | undefined },
): Promise<DataConnection> {
  const socket = await openSocket(node, settings, agreed.tls)
  const handshake = new Handshake(socket, agreed, settings)
  try {
    await handshake.run()
  } catch (error) {
    socket.destroy()
    throw classify(error, { phase: 'connect', node: nameOf(node) })
  }
  const options = {
    requestsMax: settings.maxRequestsPerConnection,
    frameBytesMax: settings.maxFrameBytes,
    name: nameOf(node),
  }
  return new DataConnection(socket, { ...agreed, assembler: handshake.assembler }, options)
}

function nameOf(node: NodeRef): string {
  return `${node.endpoint.host}:${node.endpoint.port}`
}

function openSocket(
  node: NodeRef,
  settings: CassandraConnectionSettings,
  tls: ConnectionOptions | undefined,
): Promise<Socket> {
  const { host, port, servername } = node.endpoint
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const name = servername === undefined ? {} : { servername }
  const socket =
    tls === undefined ? connectTcp({ host, port }) : connectTls({ ...tls, ...name, host, port })
  const { noDelay = true, keepAlive = true } = settings.socket ?? {}
  socket.setNoDelay(noDelay)
  socket.setKeepAlive(keepAlive, KEEP_ALIVE_MS)
  // A socket may report more than one error; whoever owns it listens to the one that matters.
  socket.on('error', () => undefined)
  const timer = setTimeout(
    () => fail(new Error('no connection in time')),
    settings.connectTimeoutMs,
  )
  const fail = (error: Error) => {
    clearTimeout(timer)
    socket.destroy()
    const message = `connection to ${host}:${port}: ${error.message}`
    reject(new ScamanderError(CASSANDRA_ERRORS.CONNECTION_LOST, message, { cause: error }))
  }
  socket.once('error', fail)
  socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
    clearTimeout(timer)
    socket.removeListener('error', fail)
    resolve(socket)
  })
  return promise
}

class Handshake {
  readonly assembler: FrameAssembler
  readonly #socket: Socket
  readonly #agreed: Agreed
  readonly #settings: CassandraConnectionSettings
  #waiting: ((answer: Answer) => void) | undefined

  constructor(socket: Socket, agreed: Agreed, settings: CassandraConnectionSettings) {
    this.#socket = socket
    this.#agreed = agreed
    this.#settings = settings
    this.assembler = new FrameAssembler({ bodyBytesMax: settings.maxFrameBytes })
  }

  async run(): Promise<void> {
    const socket = this.#socket
    const onData = (chunk: Buffer) => this.#onData(chunk)
    const onError = (error: Error) => this.#answer({ kind: 'CLOSED', reason: error.message })
    const onClose = () => this.#answer({ kind: 'CLOSED', reason: 'closed during the handshake' })
    socket.on('data', onData).on('error', onError).on('close', onClose)
    try {
      const answer = await this.#ask({ kind: 'STARTUP', options: this.#startupOptions() })
      if (answer.kind === 'AUTHENTICATE') await this.#authenticate()
      else expectKind(answer, 'READY')
      await this.#useKeyspace()
    } finally {
      socket.off('data', onData).off('error', onError).off('close', onClose)
    }
  }

  #startupOptions(): Record<string, string> {
    const { applicationName, applicationVersion } = this.#settings
    const { compressor } = this.#agreed
    const options: Record<string, string> = {
      CQL_VERSION: '3.0.0',
      DRIVER_NAME: 'scamander',
      APPLICATION_NAME: applicationName,
    }
    if (applicationVersion !== '') options['APPLICATION_VERSION'] = applicationVersion
    if (compressor !== undefined) options['COMPRESSION'] = compressor.name
    return options
  }

  /** For statements of the user that name no keyspace. */
  async #useKeyspace(): Promise<void> {
    const { keyspace } = this.#settings
    if (keyspace === undefined) return
    const query = `USE ${quoteIdentifier(keyspace)}`
    const consistency = CONSISTENCY.ONE
    expectKind(await this.#ask({ kind: 'QUERY', query, parameters: { consistency } }), 'RESULT')
  }

  async #authenticate(): Promise<void> {
    const { credentials = this.#settings.cloud?.credentials } = this.#settings
    if (credentials === undefined) {
      const message = 'the cluster demands a login, and none is configured'
      throw new ScamanderError(CASSANDRA_ERRORS.CREDENTIALS, message)
    }
    const answer = await this.#ask({ kind: 'AUTH_RESPONSE', token: plainToken(credentials) })
    expectKind(answer, 'AUTH_SUCCESS')
  }

  #ask(request: CqlRequest): Promise<CqlResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<CqlResponse>()
    const timer = setTimeout(
      () => this.#answer({ kind: 'CLOSED', reason: 'no answer to the handshake in time' }),
      this.#settings.handshakeTimeoutMs ?? this.#settings.connectTimeoutMs,
    )
    this.#waiting = answer => {
      clearTimeout(timer)
      if (answer.kind === 'CLOSED') reject(new Error(answer.reason))
      else if (answer.kind === 'ERROR') reject(asServerError(answer))
      else resolve(answer)
    }
    this.#socket.write(this.#encode(request))
    return promise
  }

  #encode(request: CqlRequest): Buffer {
    const { version, compressor } = this.#agreed
    const writer = new ByteWriter(1024)
    const isSegmented = this.assembler.isSegmented
    const segments = isSegmented ? new SegmentWriter(writer, compressor) : undefined
    segments?.beforeFrame()
    const frameStart = writeMessage(writer, request, { version, stream: 0 })
    segments?.afterFrame(frameStart)
    segments?.finish()
    return writer.view()
  }

  #onData(chunk: Buffer): void {
    try {
      this.assembler.push(chunk, frame => {
        const { version, compressor } = this.#agreed
        const { message } = readMessage(frame, compressor)
        // The first answer to STARTUP is the last bare envelope of a v5 connection.
        const isAccepted = message.kind === 'READY' || message.kind === 'AUTHENTICATE'
        if (version >= 5 && isAccepted && !this.assembler.isSegmented) {
          this.assembler.switchToSegments(compressor)
        }
        this.#answer(message as CqlResponse)
      })
    } catch (error) {
      this.#answer({ kind: 'CLOSED', reason: messageOf(error) })
    }
  }

  #answer(answer: Answer): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(answer)
  }
}

function plainToken({ username, password }: Credentials): Buffer {
  return Buffer.from(`\u0000${username}\u0000${password}`)
}

function asServerError(answer: Extract<CqlResponse, { kind: 'ERROR' }>): Error {
  return Object.assign(new Error(answer.message), { ...answer.details, code: answer.code })
}

function expectKind(answer: CqlResponse, kind: CqlResponse['kind']): void {
  if (answer.kind !== kind) throw new Error(`expected ${kind}, found ${answer.kind}`)
}

function isVersionRefused(error: unknown): boolean {
  if (!(error instanceof ScamanderError)) return false
  return (
    error.context['serverCode'] === SERVER_ERROR_CODES.PROTOCOL ||
    /unsupported protocol version/i.test(error.message)
  )
}
