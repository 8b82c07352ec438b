/**
 * Behaviours of frames and segments: cut anywhere, packed together, large, damaged.
 * Spec: live-migration 2.1, 2.2, 6 (10, 11, 14).
 */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { expect } from 'vitest'
import { lz4, type ProtocolVersion } from '../../../src/cql/index.ts'
import {
  type Behaviour,
  type BehaviourScene,
  expectError,
  expectVoid,
  int,
  type LinkChoice,
  prepare,
} from './behaviour.ts'

async function cutEverywhere(scene: BehaviourScene, version: ProtocolVersion): Promise<void> {
  const link = await scene.link(await scene.proxy(), { version })
  const query = `INSERT INTO ${scene.ks}kv (k, v) VALUES (${scene.key()}, 'cut')`
  const bytes = link.bytesOf({ kind: 'QUERY', query, parameters: { consistency: 1 } })
  for (let cut = 1; cut < bytes.length; cut++) {
    const answer = link.answerOn(1)
    link.write(bytes.subarray(0, cut))
    await new Promise(resolve => setImmediate(resolve))
    link.write(bytes.subarray(cut))
    expectVoid((await answer).message)
  }
}

async function largeCells(scene: BehaviourScene, choice: LinkChoice): Promise<void> {
  const link = await scene.link(await scene.proxy(), choice)
  const insert = await prepare(link, `INSERT INTO ${scene.ks}large (k, v) VALUES (?, ?)`)
  const keys = Array.from({ length: 15 }, () => scene.key())
  for (const key of keys) expectVoid(await insert.execute([int(key), randomBytes(1_400_000)]))
  const read = `SELECT v FROM ${scene.ks}large WHERE k IN (${keys.join(', ')})`
  const rows = await link.query(read)
  if (rows.kind !== 'RESULT' || rows.result !== 'ROWS') throw new Error(JSON.stringify(rows))
  expect([rows.rowCount, rows.rowsEnd - rows.rowsStart]).toEqual([15, 15 * 1_400_004])
  const one = `SELECT v, writetime(v) FROM ${scene.ks}large WHERE k = ${keys[7]}`
  await scene.same(one)
}

/** A value of `bytes` is refused by the server, and the connection goes on. */
async function tooLarge(scene: BehaviourScene, version: ProtocolVersion, bytes: number) {
  const link = await scene.link(await scene.proxy(), { version })
  const key = scene.key()
  const query = `INSERT INTO ${scene.ks}large (k, v) VALUES (?, ?)`
  expectError(await link.query(query, { values: [int(key), Buffer.alloc(bytes)] }), 0x2200)
  expect((await link.query('SELECT key FROM system.local')).kind).toBe('RESULT')
}

async function damaged(scene: BehaviourScene, at: number): Promise<void> {
  const proxy = await scene.proxy()
  const link = await scene.link(proxy, { version: 5 })
  const other = await scene.link(proxy, { version: 5 })
  const parameters = { consistency: 1 as const }
  const key = scene.key()
  const query = `INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, 'damaged')`
  const bytes = link.bytesOf({ kind: 'QUERY', query, parameters })
  bytes[at < 0 ? bytes.length + at : at]! ^= 0x10
  link.write(bytes)
  await link.closed
  expect((await other.query('SELECT key FROM system.local')).kind).toBe('RESULT')
  expect(await scene.apart(`SELECT k FROM ${scene.ks}kv WHERE k = ${key}`)).toEqual([[], []])
}

export const FRAMES: readonly Behaviour[] = [
  {
    id: 'F1',
    what: 'a frame of version 4, cut at every offset',
    run: scene => cutEverywhere(scene, 4),
  },
  {
    id: 'F2',
    what: 'a segment of version 5, cut at every offset',
    run: scene => cutEverywhere(scene, 5),
  },
  {
    id: 'F3',
    what: 'several requests in one packet are answered on their streams, at 4 and 5',
    run: async scene => {
      for (const version of [4, 5] as const) {
        const link = await scene.link(await scene.proxy(), { version })
        const streams = [0, 7, 300, 32_767]
        const answers = streams.map(stream => link.answerOn(stream))
        const frames = streams.map(stream => {
          const query = `INSERT INTO ${scene.ks}kv (k, v) VALUES (${scene.key()}, 'packed')`
          const parameters = { consistency: 1 as const }
          return link.bytesOf({ kind: 'QUERY', query, parameters }, { stream })
        })
        link.write(Buffer.concat(frames))
        for (const answer of answers) expectVoid((await answer).message)
      }
    },
  },
  {
    id: 'F4',
    what: 'a request over several segments of version 5',
    run: async scene => {
      const link = await scene.link(await scene.proxy(), { version: 5 })
      const key = scene.key()
      const insert = await prepare(link, `INSERT INTO ${scene.ks}large (k, v) VALUES (?, ?)`)
      expectVoid(await insert.execute([int(key), randomBytes(300_000)]))
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}large WHERE k = ${key}`)
    },
  },
  {
    id: 'F5',
    what: 'cells of 1.4 MB and an answer of 21 MB, version 4',
    run: scene => largeCells(scene, { version: 4 }),
  },
  {
    id: 'F6',
    what: 'cells of 1.4 MB and an answer of 21 MB, version 5 with LZ4',
    run: scene => largeCells(scene, { version: 5, compressor: lz4 }),
  },
  {
    id: 'F7',
    what: 'a mutation that the server refuses for its size, version 4: the connection stays',
    run: scene => tooLarge(scene, 4, 3_000_000),
  },
  {
    id: 'F8',
    what: 'a message that the server refuses for its size, version 5: the connection stays',
    run: scene => tooLarge(scene, 5, 3_000_000),
  },
  {
    id: 'F9',
    what: 'a frame above the 16 MiB of the server, version 4: refused, the connection stays',
    run: scene => tooLarge(scene, 4, 17 * 1024 * 1024),
  },
  {
    id: 'F10',
    what: 'a frame above 256 MB is announced as a protocol error and the connection closed',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const answer = link.answerOn(0)
      link.write(Buffer.from('040000010720000000', 'hex'))
      expectError((await answer).message, 0x000a)
      await link.closed
    },
  },
  {
    id: 'F11',
    what: 'a damaged segment header closes that connection only, and nothing is executed',
    run: scene => damaged(scene, 0),
  },
  {
    id: 'F12',
    what: 'a damaged segment payload closes that connection only, and nothing is executed',
    run: scene => damaged(scene, -6),
  },
  {
    id: 'F13',
    what: 'bytes of other protocols on the port hurt nobody else',
    run: async scene => {
      const proxy = await scene.proxy()
      const other = await scene.link(proxy)
      const http = '474554202f20485454502f312e310d0a0d0a'
      for (const garbage of [http, '16030102000100', 'ff'.repeat(40), '00'.repeat(40)]) {
        const socket = connect(proxy.port, '127.0.0.1').on('error', () => undefined)
        socket.end(Buffer.from(garbage, 'hex'))
        await new Promise(resolve => socket.once('close', resolve).resume())
        expect((await other.query('SELECT key FROM system.local')).kind).toBe('RESULT')
      }
    },
  },
  {
    id: 'F14',
    what: 'random bodies on a ready connection are answered or end it; others go on',
    run: async scene => {
      const proxy = await scene.proxy()
      const other = await scene.link(proxy, { version: 5 })
      for (let i = 0; i < 40; i++) {
        const link = await scene.link(proxy)
        const opcode = [7, 9, 10, 11, 13, 15][i % 6]!
        const body = randomBytes(1 + (i % 60))
        const header = Buffer.from([4, i % 3 === 0 ? 4 : 0, 0, 1, opcode, 0, 0, 0, body.length])
        const first = link.answerOn(1).catch(() => undefined)
        const ended = Promise.race([first, link.answerOn(0).catch(() => undefined), link.closed])
        link.write(Buffer.concat([header, body]))
        await ended
        link.close()
      }
      expect((await other.query('SELECT key FROM system.local')).kind).toBe('RESULT')
    },
  },
  {
    id: 'F15',
    what: 'a negative stream id is a protocol error, the connection stays',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const answer = link.answerOn(0)
      link.write(Buffer.from('0400ffff0500000000', 'hex'))
      // OPTIONS needs no cluster, yet its stream id is wrong.
      expectError((await answer).message, 0x000a)
      expect((await link.query('SELECT key FROM system.local')).kind).toBe('RESULT')
    },
  },
]
