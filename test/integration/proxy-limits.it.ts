/**
 * The proxy at its limits on real clusters: large cells and answers, more requests than stream ids, a
 * client that does not read, bytes cut anywhere, random bytes.
 */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CqlLink } from '../../scripts/golden/cql-link.ts'
import { ByteWriter } from '../../src/base/byte-writer.ts'
import { FrameAssembler, lz4, readMessage, writeMessage } from '../../src/cql/index.ts'
import {
  type ProxyPair,
  proxyPair,
  type TestProxy,
  tableDifferences,
  testProxy,
} from '../support/proxy.ts'

let pair: ProxyPair
let proxy: TestProxy

beforeAll(async () => {
  pair = await proxyPair()
  await pair.both(`CREATE TABLE ${pair.keyspace}.large (k int PRIMARY KEY, v blob)`)
  await pair.both(`CREATE TABLE ${pair.keyspace}.small (k int PRIMARY KEY, v int)`)
  proxy = await testProxy(pair)
})

afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]()
  await pair?.[Symbol.asyncDispose]()
})

describe('large frames', () => {
  it.each([4, 5] as const)(
    'a cell of 1.4 MB and an answer of 21 MB at version %s',
    async version => {
      const link = await CqlLink.open({
        host: '127.0.0.1',
        port: proxy.port,
        version,
        compressor: lz4,
      })
      const query = `INSERT INTO ${pair.keyspace}.large (k, v) VALUES (?, ?)`
      for (let k = 0; k < 15; k++) {
        const key = Buffer.from([0, 0, version, k])
        const values = [key, randomBytes(1_400_000)]
        const answer = await link.request({
          kind: 'QUERY',
          query,
          parameters: { consistency: 1, values },
        })
        expect(answer).toMatchObject({ result: 'VOID' })
      }
      const keys = Array.from({ length: 15 }, (_, k) => version * 256 + k).join(', ')
      const rows = await link.execute(`SELECT v FROM ${pair.keyspace}.large WHERE k IN (${keys})`)
      expect([rows?.rowCount, rows!.rowsEnd - rows!.rowsStart]).toEqual([15, 15 * 1_400_004])
      const values = [Buffer.alloc(4), Buffer.alloc(3_000_000)]
      const refused = await link.request({
        kind: 'QUERY',
        query,
        parameters: { consistency: 1, values },
      })
      expect(refused.kind).toBe('ERROR')
      expect((await link.execute('SELECT key FROM system.local'))?.rowCount).toBe(1)
      link.close()
    },
  )
})

describe('many requests', () => {
  it('30,000 at once: each is answered, some with Overloaded', async () => {
    const count = 30_000
    const query = `INSERT INTO ${pair.keyspace}.small (k, v) VALUES (1, 1)`
    const client = await rawClient(proxy.port)
    const codes = new Map<string, number>()
    const answered = client.answers(count, kind => codes.set(kind, (codes.get(kind) ?? 0) + 1))
    const writer = new ByteWriter(4 * 1024 * 1024)
    for (let stream = 0; stream < count; stream++) {
      const parameters = { consistency: 1 }
      writeMessage(writer, { kind: 'QUERY', query, parameters }, { version: 4, stream })
    }
    client.write(writer.view())
    await answered
    client.close()
    const total = [...codes.values()].reduce((sum, one) => sum + one, 0)
    expect(total).toBe(count)
    expect(codes.get('VOID')).toBeGreaterThan(2_000)
    expect([...codes.keys()].filter(code => code !== 'VOID' && code !== '4097')).toEqual([])
    expect(await tableDifferences(pair, 'small')).toEqual([])
  })

  it('a stream id in use ends that connection', async () => {
    const client = await rawClient(proxy.port)
    const query = `INSERT INTO ${pair.keyspace}.small (k, v) VALUES (2, 2)`
    const writer = new ByteWriter(4096)
    for (let i = 0; i < 3; i++) {
      writeMessage(
        writer,
        { kind: 'QUERY', query, parameters: { consistency: 1 } },
        { version: 4, stream: 5 },
      )
    }
    const seen: string[] = []
    const closed = client.closed()
    void client.answers(9, kind => void seen.push(kind))
    client.write(writer.view())
    await closed
    expect(seen).toContain('10')
  })

  it('a client that does not read costs bounded memory and is served when it reads', async () => {
    const client = await rawClient(proxy.port)
    const query = `SELECT v FROM ${pair.keyspace}.large WHERE k = 1024`
    const count = 60
    client.pause()
    const before = process.memoryUsage().rss
    const writer = new ByteWriter(65_536)
    for (let stream = 0; stream < count; stream++) {
      writeMessage(
        writer,
        { kind: 'QUERY', query, parameters: { consistency: 1 } },
        { version: 4, stream },
      )
    }
    client.write(writer.view())
    await new Promise(resolve => setTimeout(resolve, 2_000))
    expect(process.memoryUsage().rss - before).toBeLessThan(70 * 1024 * 1024)
    const answered = client.answers(count, () => undefined)
    client.resume()
    await answered
    client.close()
    expect(await proxy.metric('cassandraProxy_clientSocket_paused_seconds_count')).toBeGreaterThan(
      0,
    )
  })
})

describe('broken bytes', () => {
  it('frames cut at every offset are put together', async () => {
    const client = await rawClient(proxy.port)
    const writer = new ByteWriter(4096)
    const query = `INSERT INTO ${pair.keyspace}.small (k, v) VALUES (3, 3)`
    writeMessage(
      writer,
      { kind: 'QUERY', query, parameters: { consistency: 1 } },
      { version: 4, stream: 1 },
    )
    const bytes = Buffer.from(writer.view())
    for (let cut = 1; cut < bytes.length; cut += 7) {
      const answered = client.answers(1, kind => expect(kind).toBe('VOID'))
      client.write(bytes.subarray(0, cut))
      await new Promise(resolve => setImmediate(resolve))
      client.write(bytes.subarray(cut))
      await answered
    }
    client.close()
  })

  it('random bytes after a handshake end that connection or are answered; others go on', async () => {
    for (let i = 0; i < 40; i++) {
      const client = await rawClient(proxy.port)
      const opcode = [7, 9, 10, 11, 13, 15][i % 6]!
      const body = randomBytes(1 + (i % 60))
      const header = Buffer.from([4, i % 3 === 0 ? 4 : 0, 0, 1, opcode, 0, 0, 0, body.length])
      const ended = Promise.race([client.closed(), client.answers(1, () => undefined)])
      client.write(Buffer.concat([header, body]))
      await ended
      client.close()
    }
    const link = await CqlLink.open({ host: '127.0.0.1', port: proxy.port, version: 5 })
    expect((await link.execute('SELECT key FROM system.local'))?.rowCount).toBe(1)
    link.close()
  })
})

/** A connection at version 4 after its handshake, without any help above frames. */
async function rawClient(port: number) {
  const socket = connect(port, '127.0.0.1')
  const assembler = new FrameAssembler()
  let onKind: (kind: string) => void = () => undefined
  const end = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.on('error', () => undefined)
  socket.on('data', chunk => {
    assembler.push(chunk, frame => {
      const { message } = readMessage(frame)
      const kind = message.kind === 'ERROR' ? String(message.code) : message.kind
      onKind(message.kind === 'RESULT' ? message.result : kind)
    })
  })
  const answers = (count: number, see: (kind: string) => void) =>
    new Promise<void>(resolve => {
      let seen = 0
      onKind = kind => {
        see(kind)
        seen += 1
        if (seen === count) resolve()
      }
    })
  const writer = new ByteWriter(256)
  writeMessage(
    writer,
    { kind: 'STARTUP', options: { CQL_VERSION: '3.0.0' } },
    { version: 4, stream: 0 },
  )
  const ready = answers(1, kind => expect(kind).toBe('READY'))
  socket.write(Buffer.from(writer.view()))
  await ready
  return {
    answers,
    write: (bytes: Buffer) => void socket.write(Buffer.from(bytes)),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    closed: () => end,
    close: () => void socket.destroy(),
  }
}
