/**
 * Cloud mode against a real node: a metadata service and an SNI proxy stand in front of it, as the
 * cloud has them. They demand the client's certificate and route by TLS server name.
 */
import { readFileSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { createServer as createTls, type TLSSocket } from 'node:tls'
import { strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  ControlSession,
  readSecureBundle,
} from '../../src/cassandra/index.ts'
import { Logger } from '../../src/telemetry/index.ts'

const file = (name: string) =>
  readFileSync(new URL(`../golden/keystores/${name}`, import.meta.url), 'utf8')
const TLS = {
  key: file('server-key.pem'),
  cert: file('server.pem'),
  ca: file('ca.pem'),
  requestCert: true,
  rejectUnauthorized: true,
}

const cassandra = inject('sandbox').cassandra!
let hostId = ''
let metadataPort = 0
const serverNames: (string | false | null)[] = []
const closers: (() => void)[] = []
let answer: (proxyPort: number) => object

function listen(server: ReturnType<typeof createTls>): Promise<number> {
  closers.push(() => server.close())
  return new Promise(done =>
    server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port)),
  )
}

function relay(client: TLSSocket, port: number): void {
  serverNames.push(client.servername)
  if (client.servername !== hostId) return void client.destroy()
  const node = connect(port, '127.0.0.1')
  node.on('error', () => client.destroy())
  client.on('error', () => node.destroy())
  client.on('close', () => node.destroy())
  client.pipe(node).pipe(client)
}

const plain = (): CassandraConnectionSettings => ({
  ...CONNECTION_DEFAULTS,
  contactPoints: [{ host: cassandra.nodes[0]!.address, port: cassandra.port }],
  localDc: cassandra.localDatacenter,
})

beforeAll(async () => {
  const direct = await ControlSession.open(plain(), { logger: Logger.silent() })
  hostId = direct.localNodes[0]!.hostId
  await direct.close()
  const { port } = cassandra
  const proxyPort = await listen(createTls(TLS, client => relay(client, port)))
  answer = () => ({
    version: 1,
    region: 'test',
    contact_info: {
      type: 'sni_proxy',
      local_dc: cassandra.localDatacenter,
      sni_proxy_address: `localhost:${proxyPort}`,
      contact_points: [hostId],
    },
  })
  metadataPort = await listen(
    createHttps(TLS, (request, response) => {
      response.statusCode = request.url === '/metadata' ? 200 : 404
      response.end(JSON.stringify(answer(proxyPort)))
    }),
  )
})

afterAll(() => {
  for (const close of closers) close()
})

function bundle(more: Record<string, string> = {}, port = metadataPort): string {
  const files = {
    'config.json': JSON.stringify({ host: 'localhost', port }),
    'ca.crt': file('ca.pem'),
    cert: file('client.pem'),
    key: file('client-key.pem'),
    ...more,
  }
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const)
  return `base64:${Buffer.from(zipSync(Object.fromEntries(entries))).toString('base64')}`
}

async function open(value: string): Promise<ControlSession> {
  const cloud = await readSecureBundle(value)
  const settings = { ...CONNECTION_DEFAULTS, contactPoints: [], cloud }
  return await ControlSession.open(settings, { logger: Logger.silent() })
}

describe('secure connect bundle', () => {
  it('connects through the proxy; nodes are told apart by server name', async () => {
    const session = await open(bundle())
    const [node] = session.localNodes
    expect(node).toMatchObject({ hostId, dc: cassandra.localDatacenter, isUp: true })
    expect(node!.endpoint).toMatchObject({ host: 'localhost', servername: hostId })
    expect(session.localDc).toBe(cassandra.localDatacenter)
    const rows = await session.execute('SELECT host_id FROM system.local')
    expect(String(rows[0]!['host_id'])).toBe(hostId)
    expect(new Set(serverNames)).toEqual(new Set([hostId]))
    await session.close()
  })

  it.each<[string, () => string, string]>([
    ['no service', () => bundle({}, 1), 'metadata service localhost:1: expected an answer, found'],
    [
      'foreign authority',
      () => bundle({ 'ca.crt': file('ec.pem') }),
      'found self-signed certificate in certificate chain',
    ],
    [
      'foreign client',
      () => bundle({ cert: file('ec.pem'), key: file('ec-key.pem') }),
      'metadata service localhost',
    ],
  ])('tells %s', async (_name, value, message) => {
    const error = await open(value()).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'SCM_CASSANDRA_CLOUD_REFUSED', kind: 'config' })
    expect((error as Error).message).toContain(message)
  })

  it('tells an answer without contact information', async () => {
    const before = answer
    answer = () => ({ contact_info: { local_dc: 'x' } })
    const error = await open(bundle()).catch((cause: unknown) => cause)
    answer = before
    expect((error as Error).message).toContain('expected contact_info with local_dc')
  })
})
