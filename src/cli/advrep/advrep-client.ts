/**
 * What every command below `scamander advrep` works with: the calls, the ways to print, and names as
 * CQL takes them.
 * Made per run from the options and the environment.
 * Spec: cdc-replication 2.1.
 */
import type { Command } from 'commander'
import type { CaptureCluster } from '../../api.ts'
import type { CommandContext } from '../command-context.ts'
import { badOption } from '../connect/client-options.ts'
import { clientSettingsOf, RestClient } from '../connect/rest-client.ts'
import { type Cell, referenceTable, separatedTable } from './reference-table.ts'

export interface AdvrepOptions {
  readonly url?: string
  readonly token?: string
  readonly host?: string
  readonly port?: string
  readonly username?: string
  readonly password?: string
  readonly prettyPrint: boolean
  readonly separator: string
  readonly verbose?: boolean
  readonly cluster?: string
  readonly json?: boolean
  readonly v1?: boolean
}

export const CDC_PATH = '/api/v1/cdc'

/** Ports of Cassandra that old scripts give: the server is elsewhere. */
const FOREIGN_PORTS = new Set(['9042', '7199'])
const WITHOUT_EFFECT = [
  ...['jmxPort', 'jmxUser', 'jmxPwd', 'useServerConfig', 'kerberosEnabled', 'cipherSuites', 'ssl'],
  ...['keystorePath', 'keystorePassword', 'keystoreType'],
  ...['truststorePath', 'truststorePassword', 'truststoreType'],
]

type Verb = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export class AdvrepClient {
  readonly options: AdvrepOptions
  readonly #context: CommandContext
  readonly #rest: RestClient
  #isChecked = false

  constructor(options: AdvrepOptions, context: CommandContext) {
    this.options = options
    this.#context = context
    this.#rest = new RestClient(settingsOf(options))
    const ignored = WITHOUT_EFFECT.filter(name => (options as never)[name] !== undefined)
    if (ignored.length > 0) this.note(`no effect here: ${ignored.join(', ')}`)
    if (options.v1 === true) throw badOption('--v1: the first version of the commands is not known')
  }

  async call<T>(method: Verb, path: string, body?: unknown): Promise<T> {
    await this.#checkCluster()
    return await this.#send<T>(method, path, body)
  }

  async #send<T>(method: Verb, path: string, body?: unknown): Promise<T> {
    if (this.options.verbose === true) this.note(`${method} ${CDC_PATH}${path}`)
    return await this.#rest.call<T>(method, CDC_PATH + path, body)
  }

  /** Once, before the first call. */
  async #checkCluster(): Promise<void> {
    const { cluster } = this.options
    if (cluster === undefined || this.#isChecked) return
    const names = (await this.#send<CaptureCluster[]>('GET', '/clusters')).map(one => one.name)
    if (!names.includes(cluster)) {
      const message = `--cluster: expected ${names.join(' or ')}, which this worker captures from, found "${cluster}"`
      throw badOption(`${message}; give the --url of the worker of that cluster`)
    }
    this.#isChecked = true
  }

  /** The document with --json, else a table. */
  table(document: unknown, head: readonly string[], rows: readonly (readonly Cell[])[]): void {
    const { json, prettyPrint, separator } = this.options
    if (json === true) this.json(document)
    else if (prettyPrint) this.#context.out(referenceTable(head, rows))
    else this.#context.out(separatedTable(head, rows, separator))
  }

  /** A result for people; with --json the document instead. */
  say(line: string, document: unknown): void {
    if (this.options.json === true) this.json(document)
    else this.#context.out(`${line}\n`)
  }

  json(document: unknown): void {
    this.#context.out(`${JSON.stringify(document, undefined, 2)}\n`)
  }

  note(text: string): void {
    this.#context.err(`note: ${text}\n`)
  }

  exit(code: number): void {
    this.#context.exitCode = code
  }
}

export function clientOf(command: Command, context: CommandContext): AdvrepClient {
  return new AdvrepClient(command.optsWithGlobals<AdvrepOptions>(), context)
}

function settingsOf(options: AdvrepOptions) {
  const { url, host, port, token, username, password } = options
  const env = { ...process.env }
  if (token !== undefined) env['SCAMANDER_TOKEN'] = token
  const user = username ?? env['DSE_USERNAME']
  if (user !== undefined) {
    env['SCAMANDER_USER'] = user
    env['SCAMANDER_PASSWORD'] = password ?? env['DSE_PASSWORD'] ?? ''
  }
  const isForeign = port !== undefined && FOREIGN_PORTS.has(port)
  const hasAddress = host !== undefined || (port !== undefined && !isForeign)
  if (url !== undefined || !hasAddress) return clientSettingsOf(url, env)
  const at = isForeign || port === undefined ? '8083' : port
  return clientSettingsOf(`http://${host ?? '127.0.0.1'}:${at}`, env)
}

/** Unquoted names are lower-cased, `"Name"` keeps its case. */
export function cqlName(text: string): string {
  const quoted = /^"(.*)"$/s.exec(text)?.[1]
  return quoted === undefined ? text.toLowerCase() : quoted.replaceAll('""', '"')
}

export function parseFlag(text: string): boolean {
  if (/^true$/i.test(text)) return true
  if (/^false$/i.test(text)) return false
  throw badOption(`expected true or false, found "${text}"`)
}

export function listOf(text: string): string[] {
  return text
    .split(',')
    .map(one => one.trim())
    .filter(one => one !== '')
}
