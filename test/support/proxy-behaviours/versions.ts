/**
 * Behaviours of the first frames of a connection: versions, OPTIONS, STARTUP, compression.
 * Bytes of refusals are those of a Cassandra node, but for the list of versions.
 * Spec: live-migration 2.2-2.4.
 */
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { type CqlResponse, lz4, snappy } from '../../../src/cql/index.ts'
import { exchangeBytes, RawCqlClient } from '../raw-cql-client.ts'
import { type Behaviour, expectError, expectVoid, int, prepare, text } from './behaviour.ts'

const hex = (bytes: Buffer, count: number) => bytes.subarray(0, count).toString('hex')

function optionOf(message: CqlResponse, name: string): readonly string[] | undefined {
  return message.kind === 'SUPPORTED' ? message.options[name] : undefined
}

const forms = (
  [
    [3, undefined],
    [3, lz4],
    [3, snappy],
    [4, undefined],
    [4, lz4],
    [4, snappy],
    [5, undefined],
    [5, lz4],
  ] as const
).map(
  ([version, compressor], index): Behaviour => ({
    id: `V${index + 1}`,
    what: `version ${version}, compression ${compressor?.name ?? 'none'}: QUERY, PREPARE, EXECUTE and BATCH`,
    run: async scene => {
      const link = await scene.link(await scene.proxy(), { version, compressor })
      const keys = [scene.key(), scene.key(), scene.key()] as const
      const long = text('compressible '.repeat(40))
      expectVoid(await link.query(`INSERT INTO ${scene.ks}kv (k, v) VALUES (${keys[0]}, 'q')`))
      const insert = await prepare(link, `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, ?)`)
      expectVoid(await insert.execute([int(keys[1]), long]))
      const children = [{ preparedId: insert.preparedId, values: [int(keys[2]), long] }]
      const batch = { kind: 'BATCH', type: 0, consistency: 1, children } as const
      expectVoid((await link.request(batch)).message)
      const list = keys.join(', ')
      await scene.same(`SELECT k, v, writetime(v) FROM ${scene.ks}kv WHERE k IN (${list})`, 3)
      expect(await link.query(`SELECT v FROM ${scene.ks}kv WHERE k = ${keys[1]}`)).toMatchObject({
        result: 'ROWS',
        rowCount: 1,
      })
    },
  }),
)

const refusals: readonly Behaviour[] = [
  {
    id: 'V9',
    what: 'an unknown version is refused on stream 0 with the highest admitted version byte',
    run: async scene => {
      const { port } = await scene.proxy()
      const [answer] = await exchangeBytes(port, ['070000050500000000'])
      expect(hex(answer!, 5)).toBe('8500000000')
      expect(answer!.toString()).toContain(
        'Invalid or unsupported protocol version (7); supported versions are (3/v3, 4/v4, 5/v5)',
      )
    },
  },
  {
    id: 'V10',
    what: 'the connection stays open after a refusal, and another version may follow',
    run: async scene => {
      const { port } = await scene.proxy()
      const answers = await exchangeBytes(port, ['070000050500000000', '040000060500000000'])
      expect(hex(answers[1]!, 5)).toBe('8400000606')
    },
  },
  {
    id: 'V11',
    what: 'a beta version is refused, with the flag and without',
    run: async scene => {
      const { port } = await scene.proxy()
      const answers = await exchangeBytes(port, ['061000050500000000', '060000050500000000'])
      for (const answer of answers) expect(hex(answer, 5)).toBe('8500000000')
    },
  },
  {
    id: 'V12',
    what: 'versions 1 and 2 are refused in their own header of eight bytes',
    run: async scene => {
      const { port } = await scene.proxy()
      for (const version of ['01', '02']) {
        const [answer] = await exchangeBytes(port, [`${version}00050500000000`])
        expect(hex(answer!, 4)).toBe(`8${version[1]}000000`)
        expect(answer!.readUInt32BE(4)).toBe(answer!.length - 8)
        expect(answer!.readUInt32BE(8)).toBe(0x000a)
      }
    },
  },
  {
    id: 'V13',
    what: 'versions of DSE are refused',
    run: async scene => {
      const { port } = await scene.proxy()
      const answers = await exchangeBytes(port, ['410000050500000000', '420000050500000000'])
      for (const answer of answers) expect(hex(answer, 5)).toBe('8500000000')
    },
  },
  {
    id: 'V14',
    what: '--protocol-version 4: others are refused with that list, so that drivers step down',
    run: async scene => {
      const { port } = await scene.proxy('--protocol-version', '4')
      const [answer] = await exchangeBytes(port, ['050000050500000000'])
      expect(hex(answer!, 5)).toBe('8400000000')
      expect(answer!.toString()).toContain('(5); supported versions are (4/v4)')
    },
  },
]

const supported: readonly Behaviour[] = [
  {
    id: 'V15',
    what: 'SUPPORTED before STARTUP: what both clusters have in common',
    run: async scene => {
      const { port } = await scene.proxy()
      const client = new RawCqlClient({ port, version: 5 })
      const { message } = await client.request({ kind: 'OPTIONS' })
      client.close()
      expect(optionOf(message, 'PROTOCOL_VERSIONS')).toEqual(['3/v3', '4/v4', '5/v5'])
      expect(optionOf(message, 'COMPRESSION')).toEqual(['snappy', 'lz4'])
      expect(optionOf(message, 'CQL_VERSION')).toHaveLength(1)
    },
  },
  {
    id: 'V16',
    what: '--protocol-version, --cql-version and --compression replace the lists of SUPPORTED',
    run: async scene => {
      const lists = ['--protocol-version', '3', '4', '--cql-version', '3.4.5']
      const { port } = await scene.proxy(...lists, '--compression', 'lz4')
      const client = new RawCqlClient({ port, version: 4 })
      const { message } = await client.request({ kind: 'OPTIONS' })
      client.close()
      expect(optionOf(message, 'PROTOCOL_VERSIONS')).toEqual(['3/v3', '4/v4'])
      expect(optionOf(message, 'COMPRESSION')).toEqual(['lz4'])
      expect(optionOf(message, 'CQL_VERSION')).toEqual(['3.4.5'])
    },
  },
  {
    id: 'V17',
    what: '--compression-enabled false empties COMPRESSION',
    run: async scene => {
      const { port } = await scene.proxy('--compression-enabled', 'false')
      const client = new RawCqlClient({ port })
      const { message } = await client.request({ kind: 'OPTIONS' })
      client.close()
      expect(optionOf(message, 'COMPRESSION')).toEqual([])
    },
  },
  {
    id: 'V18',
    what: 'OPTIONS as heartbeat on a ready connection, in segments as well',
    run: async scene => {
      for (const version of [4, 5] as const) {
        const link = await scene.link(await scene.proxy(), { version })
        expect((await link.request({ kind: 'OPTIONS' })).message.kind).toBe('SUPPORTED')
      }
    },
  },
  {
    id: 'V19',
    what: 'an unknown compression and snappy at version 5 are refused, the connection stays',
    run: async scene => {
      const { port } = await scene.proxy()
      const client = new RawCqlClient({ port, version: 5 })
      for (const COMPRESSION of ['zstd', 'snappy']) {
        expectError((await client.startUp({ COMPRESSION })).message, 0x000a, /compression/)
      }
      expect((await client.startUp()).message.kind).toBe('READY')
      client.close()
    },
  },
  {
    id: 'V20',
    what: 'names of compressions are matched in any case',
    run: async scene => {
      const { port } = await scene.proxy()
      const client = new RawCqlClient({ port, compressor: lz4 })
      expect((await client.startUp({ COMPRESSION: 'LZ4' })).message.kind).toBe('READY')
      expect((await client.query('SELECT key FROM system.local')).kind).toBe('RESULT')
      client.close()
    },
  },
  {
    id: 'V21',
    what: 'a request before STARTUP and a second STARTUP are protocol errors',
    run: async scene => {
      const { port } = await scene.proxy()
      const client = new RawCqlClient({ port })
      expectError(await client.query('SELECT key FROM system.local'), 0x000a)
      expect((await client.startUp()).message.kind).toBe('READY')
      expectError((await client.startUp()).message, 0x000a)
      expect((await client.query('SELECT key FROM system.local')).kind).toBe('RESULT')
      client.close()
    },
  },
]

const STORES = fileURLToPath(new URL('../../golden/keystores/', import.meta.url))
const stored = (name: string) => `${STORES}${name}`

const material = [
  ['PEM', ['--proxy-pem-keyfile', 'client-key.pem', '--proxy-pem-certfile', 'client.pem']],
  ['JKS', ['--proxy-jks-file', 'client.jks']],
  ['PKCS12', ['--proxy-jks-file', 'client.p12']],
] as const

const encrypted = material.map(
  ([name, args], index): Behaviour => ({
    id: `V${22 + index}`,
    what: `TLS towards clients from ${name}; plain text is not understood there`,
    run: async scene => {
      const proxy = await scene.proxy(...args.map(arg => (/^--/.test(arg) ? arg : stored(arg))))
      const socket = connectTls({ port: proxy.port, host: '127.0.0.1', rejectUnauthorized: false })
      const answer = new Promise<Buffer>((resolve, reject) => {
        socket.once('data', resolve).once('error', reject)
      })
      socket.write(Buffer.from('040000060500000000', 'hex'))
      expect(hex(await answer, 5)).toBe('8400000606')
      socket.destroy()
      const plain = new RawCqlClient({ port: proxy.port })
      await expect(plain.startUp()).rejects.toThrow()
    },
  }),
)

export const VERSIONS: readonly Behaviour[] = [...forms, ...refusals, ...supported, ...encrypted]
