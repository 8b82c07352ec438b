/**
 * Asks a cluster what it supports, at start and then again and again: a connection of its own on
 * which OPTIONS is sent. The result is written into the cluster's state.
 * Invariants: one question at a time; the connection is closed by `stop`.
 * Spec: live-migration 1.3, 2.3, 2.13 (readiness).
 */
import type { Socket } from 'node:net'
import { ByteWriter } from '../../base/byte-writer.ts'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import {
  FrameAssembler,
  type ProtocolVersion,
  readMessage,
  type SupportedMessage,
  writeMessage,
} from '../../cql/index.ts'
import { PROXY_ERRORS } from '../errors.ts'
import { type Endpoint, openSocket } from '../link/endpoint.ts'
import type { ClusterState } from './cluster-state.ts'

const ANSWER_MS = 5_000
const PERIOD_MS = 5_000
const DOWN_PERIOD_MS = 1_000

export class ClusterProbe {
  readonly #state: ClusterState
  readonly #onChange: (state: ClusterState, reason: string) => void
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(state: ClusterState, onChange: (state: ClusterState, reason: string) => void) {
    this.#state = state
    this.#onChange = onChange
  }

  /** One question; afterwards the state says UP or DOWN. Never rejects. */
  async ask(): Promise<void> {
    const state = this.#state
    const before = state.status
    let reason = ''
    try {
      const supported = await fetchSupported(state.endpoint)
      state.supported = supported.options
      state.versions = versionsOf(supported.options)
      state.status = 'UP'
      state.failureCount = 0
    } catch (error) {
      reason = messageOf(error)
      state.status = 'DOWN'
      state.failureCount += 1
    }
    if (state.status !== before) this.#onChange(state, reason)
  }

  /** Keeps asking until `stop`. */
  start(): void {
    if (this.#isStopped) return
    const period = this.#state.status === 'UP' ? PERIOD_MS : DOWN_PERIOD_MS
    this.#timer = setTimeout(() => {
      void this.ask().then(() => this.start())
    }, period)
    this.#timer.unref()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }
}

/** SUPPORTED by the highest version the node speaks: a node answers an unknown one with an error. */
async function fetchSupported(endpoint: Endpoint): Promise<SupportedMessage> {
  for (const version of [5, 4, 3] as const) {
    const answer = await exchangeOptions(endpoint, version)
    if (answer !== undefined) return answer
  }
  throw linkError(endpoint, 'it speaks none of the protocol versions 3, 4 and 5')
}

function exchangeOptions(
  endpoint: Endpoint,
  version: ProtocolVersion,
): Promise<SupportedMessage | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<SupportedMessage | undefined>()
  const socket = openSocket(endpoint)
  const fail = (reason: string) => {
    clearTimeout(timer)
    socket.destroy()
    reject(linkError(endpoint, reason))
  }
  const timer = setTimeout(() => fail('no answer in time'), ANSWER_MS)
  socket.on('error', error => fail(error.message || String((error as NodeJS.ErrnoException).code)))
  socket.on('close', () => fail('closed before it answered (TLS settings?)'))
  socket.once(endpoint.tls === undefined ? 'connect' : 'secureConnect', () =>
    socket.write(optionsFrame(version)),
  )
  readOne(
    socket,
    answer => {
      clearTimeout(timer)
      resolve(answer)
      socket.destroy()
    },
    fail,
  )
  return promise
}

function readOne(
  socket: Socket,
  onAnswer: (answer: SupportedMessage | undefined) => void,
  fail: (reason: string) => void,
): void {
  const assembler = new FrameAssembler({ bodyBytesMax: 1024 * 1024 })
  socket.on('data', chunk => {
    try {
      assembler.push(chunk, frame => {
        const { message } = readMessage(frame)
        onAnswer(message.kind === 'SUPPORTED' ? message : undefined)
      })
    } catch (error) {
      fail(messageOf(error))
    }
  })
}

function optionsFrame(version: ProtocolVersion): Buffer {
  const writer = new ByteWriter(64)
  writeMessage(writer, { kind: 'OPTIONS' }, { version, stream: 0 })
  return Buffer.from(writer.view())
}

/** `PROTOCOL_VERSIONS` is a list of `4/v4` or `6/v6-beta`; servers before 4.0 leave it out. */
function versionsOf(options: Readonly<Record<string, readonly string[]>>): number[] {
  const listed = options['PROTOCOL_VERSIONS']
  if (listed === undefined) return [3, 4]
  return listed
    .filter(one => !one.includes('beta'))
    .map(one => Number.parseInt(one, 10))
    .filter(version => version >= 3 && version <= 5)
}

function linkError({ host, port, label }: Endpoint, reason: string): ScamanderError {
  return new ScamanderError(PROXY_ERRORS.LINK, `${label} (${host}:${port}): ${reason}`)
}
