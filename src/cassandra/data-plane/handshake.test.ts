/** Handshakes with a scripted server on a loopback socket: versions, login, compression, segments. */
import { describe, expect, it } from 'vitest'
import {
  ScriptedCqlServer,
  type ScriptedOptions,
  serverError,
} from '../../../test/support/scripted-cql-server.ts'
import { type CassandraConnectionSettings, CONNECTION_DEFAULTS } from '../settings.ts'
import { agreeOnProtocol, openConnection } from './handshake.ts'
import { batchOf, nodeOf, TestDataPlane } from './test-plane.ts'

type Settings = Partial<CassandraConnectionSettings>

describe('agreeOnProtocol', () => {
  it.each([
    [5, {}, 5],
    [4, {}, 4],
    [3, {}, 3],
    [5, { protocolVersionMax: 4 as const }, 4],
    [5, { protocolVersionMax: 3 as const }, 3],
    [5, { compression: 'snappy' as const }, 4],
    [5, { compression: 'lz4' as const }, 5],
  ] as const)('server up to v%d, settings %j: v%d', async (versionMax, settings, expected) => {
    await using server = await ScriptedCqlServer.start({ versionMax })
    const full = { ...CONNECTION_DEFAULTS, ...settings }
    const agreed = await agreeOnProtocol(nodeOf(server), full, undefined)
    expect(agreed.version).toBe(expected)
    expect(agreed.compressor?.name).toBe((settings as Settings).compression)
  })
})

describe('openConnection', () => {
  const open = async (
    options: ScriptedOptions,
    settings: Settings,
    use?: (s: ScriptedCqlServer) => void,
  ) => {
    await using server = await ScriptedCqlServer.start(options)
    use?.(server)
    const full = { ...CONNECTION_DEFAULTS, connectTimeoutMs: 200, ...settings }
    const agreed = { version: 5 as const, compressor: undefined, tls: undefined }
    const connection = await openConnection(nodeOf(server), full, agreed)
    connection.close()
    return server
  }
  const login = { username: 'u', password: 'p' }

  it('logs in', async () => {
    const server = await open({ login }, { credentials: login })
    expect(server.requests).toEqual([])
  })

  it.each([
    [{ credentials: { username: 'u', password: 'wrong' } }, 'SCM_CASSANDRA_CREDENTIALS'],
    [{}, 'SCM_CASSANDRA_CREDENTIALS'],
  ])('a login that is not taken: %j', async (settings, code) => {
    const failure = await open({ login }, settings).catch(error => error)
    expect(failure).toMatchObject({ code })
    expect(failure.message).not.toContain('wrong')
  })

  it('uses the keyspace it is told', async () => {
    const server = await open({}, { keyspace: 'MyKs' }, one => {
      one.script = () => ({ kind: 'RESULT', result: 'SET_KEYSPACE', keyspace: 'MyKs' })
    })
    expect(server.requests[0]?.message).toMatchObject({ kind: 'QUERY', query: 'USE "MyKs"' })
  })

  it('tells what the node says of the whole connection when it closes it', async () => {
    await using server = await ScriptedCqlServer.start()
    server.script = () => ({ kind: 'RESULT', result: 'SET_KEYSPACE', keyspace: 'k' })
    const full = { ...CONNECTION_DEFAULTS, keyspace: 'k' }
    const agreed = { version: 5 as const, compressor: undefined, tls: undefined }
    const connection = await openConnection(nodeOf(server), full, agreed)
    const { promise, resolve } = Promise.withResolvers<Error>()
    connection.setOwner({ onReady: () => undefined, onClosed: (_, error) => resolve(error) })
    server.requests[0]!.reply(serverError(0x000a, 'corrupt frame'))
    expect((await promise).message).toContain('the node says: corrupt frame (error 0x000a')
  })

  it('gives up a server that is silent, or refuses', async () => {
    const held = open({}, { keyspace: 'k' }, one => {
      one.script = () => 'hold'
    })
    await expect(held).rejects.toMatchObject({ code: 'SCM_CASSANDRA_CONNECTION_LOST' })
    const refused = open({}, { keyspace: 'k' }, one => {
      one.script = () => serverError(0x2200, 'no such keyspace')
    })
    await expect(refused).rejects.toMatchObject({ kind: 'config' })
    const closed = open({}, { keyspace: 'k' }, one => {
      one.script = () => 'close'
    })
    await expect(closed).rejects.toMatchObject({ code: 'SCM_CASSANDRA_CONNECTION_LOST' })
  })
})

describe('frames of every version and compression arrive as they were sent', () => {
  it.each([
    [3, 'none'],
    [3, 'lz4'],
    [3, 'snappy'],
    [4, 'none'],
    [4, 'lz4'],
    [4, 'snappy'],
    [5, 'none'],
    [5, 'lz4'],
  ] as const)('v%d %s', async (protocolVersionMax, compression) => {
    await using server = await ScriptedCqlServer.start()
    using plane = await TestDataPlane.open([server], {
      settings: { protocolVersionMax, compression },
    })
    // One row alone, a batch, and one larger than a segment.
    const rows = [
      { key: 1, value: 10 },
      { key: 2, value: 20, padding: 20 },
      { key: 3, value: 30, padding: 200_000 },
      { key: 4, value: 40, padding: 5000 },
    ]
    expect(await plane.write(batchOf(rows))).toEqual([])
    const values = server.writes.flatMap(({ message }) =>
      message.kind === 'BATCH'
        ? message.children.map(child => child.values)
        : message.kind === 'EXECUTE'
          ? [message.parameters.values ?? []]
          : [],
    )
    const seen = values.map(([k, v]) => {
      const [key, value] = [k as Buffer, v as Buffer]
      return { key: key.readInt32BE(0), value: value.readInt32BE(0), bytes: value.length }
    })
    seen.sort((a, b) => a.key - b.key)
    expect(seen).toEqual(
      rows.map(({ key, value, padding = 0 }) => ({ key, value, bytes: 4 + padding })),
    )
    expect(new Set(server.writes.map(one => one.version))).toEqual(new Set([protocolVersionMax]))
    expect(server.writes.every(one => one.isSegmented === (protocolVersionMax === 5))).toBe(true)
  })
})
