/**
 * What the list of behaviours of the proxy is made of: one case with an id of
 * docs/internals/proxy-behaviours.md, and the scene that all cases share: two real clusters, tables on
 * both, proxies by their arguments, and two scripted servers where a cluster must be held or cut.
 * Used by test/integration/proxy-behaviours.it.ts and the lists in this folder.
 * Invariants: a case uses keys and tables of its own; what clusters hold is asked of them directly.
 */
import { expect } from 'vitest'
import type { Compressor, CqlResponse, ProtocolVersion } from '../../../src/cql/index.ts'
import { type ProxyPair, proxyPair, type TestProxy, testProxy } from '../proxy.ts'
import { RawCqlClient } from '../raw-cql-client.ts'
import { ScriptedCqlServer, type ScriptedOptions } from '../scripted-cql-server.ts'

export interface Behaviour {
  readonly id: string
  readonly what: string
  run(scene: BehaviourScene): Promise<void>
}

export interface LinkChoice {
  readonly version?: ProtocolVersion
  readonly compressor?: Compressor | undefined
}

const TABLES = [
  'kv (k int PRIMARY KEY, v text, n int)',
  'wide (p int, c int, v text, st text static, l list<int>, s set<int>, m map<text, int>, PRIMARY KEY (p, c))',
  'counts (k int PRIMARY KEY, n counter)',
  'functions (k uuid PRIMARY KEY, g int, a timeuuid, b timestamp, c date, d time, e bigint, t text)',
  'large (k int PRIMARY KEY, v blob)',
  'lwt (k int PRIMARY KEY, v int)',
]

export class BehaviourScene implements AsyncDisposable {
  readonly pair: ProxyPair
  readonly #proxies = new Map<string, Promise<TestProxy>>()
  readonly #clients: RawCqlClient[] = []
  #key = 0

  private constructor(pair: ProxyPair) {
    this.pair = pair
  }

  static async open(): Promise<BehaviourScene> {
    const pair = await proxyPair()
    for (const table of TABLES) await pair.both(`CREATE TABLE ${pair.keyspace}.${table}`)
    return new BehaviourScene(pair)
  }

  /** `keyspace.` */
  get ks(): string {
    return `${this.pair.keyspace}.`
  }

  /** A key that no other case uses. */
  key(): number {
    this.#key += 1
    return this.#key
  }

  /** The proxy with these arguments; it lives until the last case. */
  proxy(...args: readonly string[]): Promise<TestProxy> {
    const name = args.join(' ')
    const known = this.#proxies.get(name) ?? testProxy(this.pair, ...args)
    this.#proxies.set(name, known)
    return known
  }

  /** A connection through a proxy. */
  async link(proxy: Pick<TestProxy, 'port'>, choice: LinkChoice = {}): Promise<RawCqlClient> {
    const client = await RawCqlClient.open({ port: proxy.port, ...choice })
    this.#clients.push(client)
    return client
  }

  /** Closes the connections of the last case. */
  closeLinks(): void {
    for (const client of this.#clients.splice(0)) client.close()
  }

  /** Both clusters, asked directly, give the same rows, and there are some. */
  async same(query: string, count = 1): Promise<readonly Record<string, unknown>[]> {
    const [a, b] = await this.apart(query)
    expect(b).toEqual(a)
    expect(a).toHaveLength(count)
    return a
  }

  /** The rows of each cluster. */
  async apart(query: string): Promise<[Record<string, unknown>[], Record<string, unknown>[]]> {
    const options = { prepare: true, fetchSize: 5_000 }
    const ask = async (client: ProxyPair['onSource']) =>
      (await client.execute(query, [], options)).rows.map(row =>
        Object.fromEntries(row.keys().map(name => [name, shown(row[name])])),
      )
    return [await ask(this.pair.onSource), await ask(this.pair.onTarget)]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeLinks()
    for (const proxy of this.#proxies.values()) await (await proxy)[Symbol.asyncDispose]()
    await this.pair[Symbol.asyncDispose]()
  }
}

function shown(value: unknown): unknown {
  if (value === null || value === undefined) return null
  return typeof value === 'object' ? String(value) : value
}

export function int(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export function text(value: string): Buffer {
  return Buffer.from(value)
}

export function expectVoid(message: CqlResponse): void {
  expect(message).toMatchObject({ kind: 'RESULT', result: 'VOID' })
}

export function expectError(message: CqlResponse, code: number, words?: RegExp): void {
  expect(message).toMatchObject({ kind: 'ERROR', code })
  if (words !== undefined && message.kind === 'ERROR') expect(message.message).toMatch(words)
}

/** PREPARE, and what EXECUTE and BATCH need of its answer. */
export async function prepare(client: RawCqlClient, query: string, more: object = {}) {
  const { message } = await client.request({ kind: 'PREPARE', query, ...more })
  if (message.kind !== 'RESULT' || message.result !== 'PREPARED') {
    throw new Error(`expected PREPARED, found ${JSON.stringify(message)}`)
  }
  const { preparedId, resultMetadataId, variables, resultMetadata } = message
  const execute = async (values: readonly Buffer[], extra: object = {}) => {
    const parameters = { consistency: 1 as const, values, ...extra }
    const request = { kind: 'EXECUTE', preparedId, resultMetadataId, parameters } as const
    return (await client.request(request)).message
  }
  return { preparedId, resultMetadataId, variables, resultMetadata, execute }
}

/** Waits for a condition, generously: other programs share the machine. */
export async function untilTrue(condition: () => Promise<boolean> | boolean): Promise<void> {
  await expect.poll(condition, { timeout: 60_000, interval: 25 }).toBe(true)
}

export interface ScriptedScene extends AsyncDisposable {
  readonly source: ScriptedCqlServer
  readonly target: ScriptedCqlServer
  readonly proxy: TestProxy
  client(options?: object): Promise<RawCqlClient>
}

/** A proxy between two scripted servers, at version 4. */
export async function scripted(
  args: readonly string[] = [],
  options: { readonly source?: ScriptedOptions; readonly target?: ScriptedOptions } = {},
): Promise<ScriptedScene> {
  const source = await ScriptedCqlServer.start(options.source)
  const target = await ScriptedCqlServer.start(options.target)
  const host = { line: '5.0', version: 'scripted', localDatacenter: 'dc', nodes: [] } as const
  const at = (server: ScriptedCqlServer) => ({
    ...host,
    contactPoints: ['127.0.0.1'],
    port: server.port,
  })
  const pair = { source: at(source), target: at(target) }
  const proxy = await testProxy(pair, '--protocol-version', '4', ...args)
  const clients: RawCqlClient[] = []
  return {
    source,
    target,
    proxy,
    client: async more => {
      const client = await RawCqlClient.open({ port: proxy.port, version: 4, ...more })
      clients.push(client)
      return client
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.close()
      source.cut()
      target.cut()
      await proxy[Symbol.asyncDispose]()
      await source[Symbol.asyncDispose]()
      await target[Symbol.asyncDispose]()
    },
  }
}

/** Texts of QUERY requests that a scripted server got. */
export function queriesOn(server: ScriptedCqlServer): string[] {
  return server.requests.flatMap(({ message }) => (message.kind === 'QUERY' ? [message.query] : []))
}
