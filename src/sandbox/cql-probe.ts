/**
 * The few frames of the native protocol that tell whether a node serves: OPTIONS, login, one query.
 * Called in a loop while a node starts. Every connection is closed again.
 * Layout of a v4 frame: version 1 | flags 1 | stream 2 | opcode 1 | length 4 | body.
 * Spec: native protocol v4, sections 2 and 4. (The room `cql` is a sibling and may not be imported.)
 */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { exchange } from './socket-exchange.ts'

export interface CqlTarget {
  readonly address: string
  readonly port: number
  readonly login?: { readonly username: string; readonly password: string }
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }
}

const OPCODE = { error: 0, startup: 1, options: 5, supported: 6, query: 7, result: 8 } as const
const AUTHENTICATE = 0x03
const AUTH_RESPONSE = 0x0f
const AUTH_SUCCESS = 0x10
const HEADER_BYTES = 9
const TIMEOUT_MS = 5_000

/** Resolves when the node answers OPTIONS. */
export async function probeOptions(target: CqlTarget): Promise<void> {
  const socket = openSocket(target)
  try {
    expectOpcode(await call(socket, OPCODE.options, Buffer.alloc(0)), OPCODE.supported)
  } finally {
    socket.destroy()
  }
}

/** Resolves when the node opens a session, which with a login means that it accepts it. */
export async function probeLogin(target: CqlTarget): Promise<void> {
  await withSession(target, () => Promise.resolve())
}

/** Runs one statement; returns the body of its RESULT frame. */
export async function queryCql(target: CqlTarget, statement: string): Promise<Buffer> {
  return await withSession(target, async socket => {
    const text = Buffer.from(statement)
    const body = Buffer.alloc(4 + text.length + 3)
    body.writeInt32BE(text.length, 0)
    text.copy(body, 4)
    body.writeUInt16BE(1, 4 + text.length) // consistency ONE, then no flags
    const result = await call(socket, OPCODE.query, body)
    expectOpcode(result, OPCODE.result)
    return result.body
  })
}

/** How many other nodes this node knows; a count(*) result ends with its one bigint cell. */
export async function countPeers(target: CqlTarget): Promise<number> {
  const body = await queryCql(target, 'SELECT count(*) FROM system.peers')
  return Number(body.readBigInt64BE(body.length - 8))
}

async function withSession<T>(target: CqlTarget, work: (socket: Socket) => Promise<T>): Promise<T> {
  const socket = openSocket(target)
  try {
    const answer = await call(socket, OPCODE.startup, stringMap('CQL_VERSION', '3.0.0'))
    if (answer.opcode === AUTHENTICATE) {
      const { username, password } = target.login ?? { username: '', password: '' }
      const token = Buffer.from(`\0${username}\0${password}`)
      const body = Buffer.alloc(4 + token.length)
      body.writeInt32BE(token.length, 0)
      token.copy(body, 4)
      expectOpcode(await call(socket, AUTH_RESPONSE, body), AUTH_SUCCESS)
    }
    return await work(socket)
  } finally {
    socket.destroy()
  }
}

function openSocket({ address, port, tls }: CqlTarget): Socket {
  if (tls === undefined) return connect({ host: address, port })
  return connectTls({ host: address, port, ca: tls.ca, cert: tls.cert, key: tls.key })
}

interface Answer {
  readonly opcode: number
  readonly body: Buffer
}

async function call(socket: Socket, opcode: number, body: Buffer): Promise<Answer> {
  const head = Buffer.from([4, 0, 0, 0, opcode, 0, 0, 0, 0])
  head.writeInt32BE(body.length, 5)
  const frame = await exchange(socket, Buffer.concat([head, body]), {
    timeoutMs: TIMEOUT_MS,
    frameBytes: buffered =>
      buffered.length < HEADER_BYTES ? undefined : HEADER_BYTES + buffered.readInt32BE(5),
  })
  return { opcode: frame.readUInt8(4), body: frame.subarray(HEADER_BYTES) }
}

function expectOpcode(answer: Answer, opcode: number): void {
  if (answer.opcode === opcode) return
  const isError = answer.opcode === OPCODE.error && answer.body.length >= 6
  const detail = isError ? answer.body.toString('utf8', 6, 6 + answer.body.readUInt16BE(4)) : ''
  throw new Error(`expected opcode ${opcode}, found ${answer.opcode} ${detail}`)
}

function stringMap(key: string, value: string): Buffer {
  const pair = [key, value].map(text => {
    const bytes = Buffer.alloc(2 + text.length, text)
    bytes.writeUInt16BE(text.length, 0)
    bytes.write(text, 2)
    return bytes
  })
  return Buffer.concat([Buffer.from([0, 1]), ...pair])
}
