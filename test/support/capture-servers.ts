/**
 * Servers whose commit log may be consumed: capture deletes segments, so the shared ones are not for
 * it. Started per test file, or taken from SCAMANDER_TEST_CAPTURE_SANDBOX (a sandbox.json).
 * Also: a worker that captures from them, and the command line in this process.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { runCli } from '../../src/cli/index.ts'
import { readProperties } from '../../src/config/index.ts'
import {
  readDescription,
  type SandboxDescription,
  type SandboxOptions,
  type SandboxServer,
  startSandbox,
} from '../../src/sandbox/index.ts'
import { type Standalone, startStandalone } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'

export interface CaptureServers {
  readonly description: SandboxDescription
  /** To be stopped and started; empty when the servers are somebody else's. */
  readonly nodes: readonly SandboxServer[]
  stop(): Promise<void>
}

export async function captureServers(options: SandboxOptions = {}): Promise<CaptureServers> {
  const path = process.env['SCAMANDER_TEST_CAPTURE_SANDBOX']
  if (path !== undefined && path !== '' && Object.keys(options).length === 0) {
    const description = await readDescription(dirname(resolve(path)))
    if (description === undefined) throw new Error(`no sandbox at ${path}`)
    return { description, nodes: [], stop: () => Promise.resolve() }
  }
  const sandbox = await startSandbox({ heapMb: 640, ...options })
  const { description, nodes } = sandbox
  return { description, nodes, stop: () => sandbox.stop() }
}

export interface CaptureWorker {
  readonly url: string
  readonly logs: string[]
  /** Folder of offsets and capture state; a later worker goes on there. */
  readonly folder: string
  stop(): Promise<void>
}

export async function startCaptureWorker(
  { cassandra, kafka }: SandboxDescription,
  more: { readonly folder?: string; readonly properties?: Readonly<Record<string, string>> } = {},
): Promise<CaptureWorker> {
  const folder = more.folder ?? mkdtempSync(join(tmpdir(), 'scamander-capture-'))
  const logs: string[] = []
  const logger = Logger.create({ sink: line => logs.push(JSON.stringify(line)) })
  const running: Standalone = await startStandalone({
    worker: readProperties(
      Object.entries({
        'bootstrap.servers': kafka!.bootstrapServers,
        'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'offset.storage.file.filename': join(folder, 'offsets.json'),
        'offset.flush.interval.ms': '200',
        listeners: 'http://127.0.0.1:0',
        'scamander.metrics.listeners': '',
        'cdc.contact.points': cassandra!.contactPoints[0]!,
        'cdc.port': String(cassandra!.port),
        ...more.properties,
      })
        .map(([key, value]) => `${key}=${value}`)
        .join('\n'),
    ),
    connectors: [],
    logger,
  })
  return { url: running.url, logs, folder, stop: () => running.close() }
}

export function removeFolder(folder: string | undefined): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
}

export interface CommandRun {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A command of the product, run in this process. */
export async function command(...args: readonly string[]): Promise<CommandRun> {
  const run = { out: '', err: '' }
  const code = await runCli(args, {
    out: text => {
      run.out += text
    },
    err: text => {
      run.err += text
    },
  })
  return { code, ...run }
}
