/**
 * Two clusters for a test of bulk copy and validation: a keyspace on each, the commands run in this
 * process or as a child, and the contents of both tables as raw cells, by which they are compared.
 * The raw reader is a client of its own, so that nothing under test judges itself.
 * Invariant: `close` drops both keyspaces and removes the folder with states and reports.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CqlLink } from '../../scripts/golden/cql-link.ts'
import { runCli } from '../../src/cli/index.ts'
import { CellCursor } from '../../src/cql/index.ts'
import type { CassandraDescription } from '../../src/sandbox/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from './keyspace.ts'
import { secondCassandra } from './second-cluster.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export interface CommandResult {
  readonly code: number
  readonly out: string
  readonly err: string
  /** The numbers of the summary by their label. */
  readonly counts: Readonly<Record<string, number>>
}

export class MigrationScene {
  readonly source: TestKeyspace
  readonly target: TestKeyspace
  readonly folder = mkdtempSync(join(tmpdir(), 'scamander-migration-'))
  readonly #clusters: {
    readonly source: CassandraDescription
    readonly target: CassandraDescription
  }
  #links: { readonly source: CqlLink; readonly target: CqlLink }

  private constructor(
    keyspaces: { readonly source: TestKeyspace; readonly target: TestKeyspace },
    clusters: { readonly source: CassandraDescription; readonly target: CassandraDescription },
    links: { readonly source: CqlLink; readonly target: CqlLink },
  ) {
    this.source = keyspaces.source
    this.target = keyspaces.target
    this.#clusters = clusters
    this.#links = links
  }

  static async open(
    source = testCassandra(),
    target?: CassandraDescription,
  ): Promise<MigrationScene> {
    const clusters = { source, target: target ?? (await secondCassandra()) }
    const keyspaces = {
      source: await testKeyspace(clusters.source),
      target: await testKeyspace(clusters.target),
    }
    const links = await openLinks(clusters)
    return new MigrationScene(keyspaces, clusters, links)
  }

  /** Runs DDL or writes on both sides; `ks.` stands for the keyspace. */
  async both(...statements: readonly string[]): Promise<void> {
    await this.on('source', ...statements)
    await this.on('target', ...statements)
  }

  async on(side: 'source' | 'target', ...statements: readonly string[]): Promise<void> {
    const { name, client } = this[side]
    for (const cql of statements) await client.execute(cql.replaceAll('ks.', `${name}.`))
  }

  args(command: 'migrate' | 'validate', more: readonly string[]): string[] {
    const at = ({ contactPoints, port }: CassandraDescription) => `${contactPoints[0]}:${port}`
    const { source, target } = this.#clusters
    return [
      ...[command, '--source', at(source), '--target', at(target)],
      ...['--keyspace', this.source.name, '--target-keyspace', this.target.name],
      ...['--state', join(this.folder, 'state.sqlite'), '--log-level', 'error', ...more],
    ]
  }

  /** In this process. */
  async run(command: 'migrate' | 'validate', ...more: readonly string[]): Promise<CommandResult> {
    let out = ''
    let err = ''
    const streams = {
      out: (text: string) => {
        out += text
      },
      err: (text: string) => {
        err += text
      },
    }
    const code = await runCli(this.args(command, more), streams)
    const lines = [...out.matchAll(/^([A-Z][A-Za-z ]*): (\d+)$/gm)]
    return {
      code,
      out,
      err,
      counts: Object.fromEntries(lines.map(one => [one[1]!, Number(one[2])])),
    }
  }

  /** As a process that can be killed. */
  spawn(command: 'migrate' | 'validate', ...more: readonly string[]): ChildProcess {
    const options = { stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] }
    return spawn(process.execPath, [MAIN, ...this.args(command, more)], options)
  }

  file(name: string): string {
    return join(this.folder, name)
  }

  /** Lines of a report. */
  // biome-ignore lint/suspicious/noExplicitAny: lines are compared with literals
  lines(name: string): any[] {
    const text = readFileSync(this.file(name), 'utf8').trim()
    return text === '' ? [] : text.split('\n').map(line => JSON.parse(line))
  }

  /** Every row by the hex of its first `keys` cells; cells as hex, null as `-`. */
  async rows(
    side: 'source' | 'target',
    table: string,
    select: { readonly keys: number; readonly selectors: readonly string[] },
  ): Promise<Map<string, string[]>> {
    const cql = `SELECT ${select.selectors.join(', ')} FROM ${this[side].name}.${table}`
    const result = (await this.#links[side].execute(cql))!
    const cursor = new CellCursor(select.selectors.length)
    cursor.reset(result)
    const out = new Map<string, string[]>()
    while (cursor.nextRow()) {
      const cells = select.selectors.map((_name, i) => {
        const start = cursor.starts[i]!
        const length = cursor.lengths[i]!
        return length < 0 ? '-' : cursor.bytes.toString('hex', start, start + length)
      })
      out.set(cells.slice(0, select.keys).join('/'), cells.slice(select.keys))
    }
    return out
  }

  /** The raw readers anew, after a server was restarted. */
  async reconnect(): Promise<void> {
    for (const link of Object.values(this.#links)) link.close()
    this.#links = await openLinks(this.#clusters)
  }

  async close(): Promise<void> {
    for (const link of Object.values(this.#links)) link.close()
    await this.source.drop()
    await this.target.drop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function openLinks(clusters: {
  readonly source: CassandraDescription
  readonly target: CassandraDescription
}): Promise<{ readonly source: CqlLink; readonly target: CqlLink }> {
  const open = ({ contactPoints, port }: CassandraDescription) =>
    CqlLink.open({ host: contactPoints[0]!, port, version: 4 })
  return { source: await open(clusters.source), target: await open(clusters.target) }
}
