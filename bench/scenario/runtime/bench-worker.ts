/**
 * One worker process under measurement, started through the launcher with files in a temporary
 * folder. Used by measure.ts.
 * Invariant: `stop` ends the process and removes its files.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../test/support/free-port.ts'

export type WorkerKind = 'standalone' | 'distributed'
export const KIND_NAMES: readonly WorkerKind[] = ['standalone', 'distributed']

const SCAMANDER = fileURLToPath(new URL('../../../scamander', import.meta.url))
const POLL_MS = 5
const START_MS_MAX = 60_000

export class BenchWorker {
  readonly url: string
  /** From the start of the launcher to the first answer with status 200. */
  readonly startMs: number
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(parts: {
    url: string
    startMs: number
    child: ChildProcess
    folder: string
  }) {
    this.url = parts.url
    this.startMs = parts.startMs
    this.#child = parts.child
    this.#folder = parts.folder
  }

  static async start(kind: WorkerKind, bootstrapServers: string): Promise<BenchWorker> {
    const folder = await mkdtemp(join(tmpdir(), 'scamander-bench-runtime-'))
    const url = `http://127.0.0.1:${await freePort()}`
    const file = join(folder, 'worker.properties')
    await writeFile(file, properties(kind, { bootstrapServers, url, folder }))
    const startedMs = performance.now()
    const child = spawn(SCAMANDER, [`connect-${kind}`, file], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const ready = `${url}/connectors`
    while (!(await answers(ready))) {
      if (child.exitCode !== null) throw new Error(`the worker ended with code ${child.exitCode}`)
      if (performance.now() - startedMs > START_MS_MAX) throw new Error('the worker never answered')
      await sleep(POLL_MS)
    }
    return new BenchWorker({ url, startMs: performance.now() - startedMs, child, folder })
  }

  get pid(): number {
    return this.#child.pid!
  }

  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exited = new Promise(resolve => this.#child.once('exit', resolve))
      this.#child.kill('SIGTERM')
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 30_000)
      await exited
      clearTimeout(timer)
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function properties(
  kind: WorkerKind,
  of: { bootstrapServers: string; url: string; folder: string },
): string {
  const own =
    kind === 'standalone'
      ? [`offset.storage.file.filename=${join(of.folder, 'offsets')}`]
      : [
          `group.id=bench-${Date.now()}`,
          ...['config', 'offset', 'status'].flatMap(what => [
            `${what}.storage.topic=bench-${what}-${Date.now()}`,
            `${what}.storage.replication.factor=1`,
          ]),
        ]
  return `${[
    `bootstrap.servers=${of.bootstrapServers}`,
    'key.converter=org.apache.kafka.connect.storage.StringConverter',
    'value.converter=org.apache.kafka.connect.storage.StringConverter',
    `listeners=${of.url}`,
    'scamander.metrics.listeners=',
    ...own,
  ].join('\n')}\n`
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
