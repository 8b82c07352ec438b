/**
 * `npm run bench:runtime`: what a worker costs before and beside the data: start, resident memory
 * when idle, creating connectors, and answering for a thousand of them. See README.md.
 * Starts servers of its own and workers as users do, through the launcher.
 * Invariant: everything it started is ended, also after a failure and on Ctrl-C.
 */
import { parseArgs } from 'node:util'
import { startSandbox } from '../../../src/sandbox/index.ts'
import { KIND_NAMES, type WorkerKind } from './bench-worker.ts'
import { createTables } from './connectors.ts'
import { measureWorker, type RuntimeFigures } from './measure.ts'

const USAGE = `npm run bench:runtime -- [options]
  --connectors N  sinks that run (200)
  --stopped N     connectors altogether, the others stopped (1000)
  --kind standalone|distributed|both (both)`

const { values } = parseArgs({
  options: {
    connectors: { type: 'string', default: '200' },
    stopped: { type: 'string', default: '1000' },
    kind: { type: 'string', default: 'both' },
    help: { type: 'boolean', default: false },
  },
})

const say = (line: string) => void process.stderr.write(`${line}\n`)

async function main(): Promise<void> {
  if (values.help) return say(USAGE)
  const kinds: readonly WorkerKind[] = KIND_NAMES.filter(
    kind => values.kind === 'both' || values.kind === kind,
  )
  if (kinds.length === 0) throw new Error(`--kind: expected one of ${KIND_NAMES.join(', ')}, both`)
  const ending = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort())
  const sandbox = await startSandbox({ heapMb: 1_024, progress: say, signal: ending.signal })
  const count = { running: Number(values.connectors), all: Number(values.stopped) }
  try {
    await createTables(sandbox.description)
    const results: RuntimeFigures[] = []
    for (const kind of kinds) {
      results.push(await measureWorker(kind, sandbox.description, { ...count, say }))
    }
    for (const line of render(results)) process.stdout.write(`${line}\n`)
  } finally {
    await sandbox.stop()
  }
}

function render(results: readonly RuntimeFigures[]): string[] {
  const rows: readonly (readonly [string, (one: RuntimeFigures) => string])[] = [
    ['start to the first answer', one => `${one.startMs.map(ms => ms.toFixed(0)).join(', ')} ms`],
    ['RSS idle after 10 s', one => `${one.idleRssMb.toFixed(0)} MB`],
    [`${values.connectors} sinks created`, one => `${(one.createMs / 1000).toFixed(1)} s`],
    [
      `${values.connectors} sinks created and running`,
      one => `${(one.runningMs / 1000).toFixed(1)} s`,
    ],
    ['RSS with these', one => `${one.runningRssMb.toFixed(0)} MB`],
    [
      `GET with ${values.stopped}, expanded twice`,
      one => `median ${one.expandMs.toFixed(0)} ms, worst ${one.expandWorstMs.toFixed(0)} ms`,
    ],
  ]
  return [
    `| | ${results.map(one => one.kind).join(' | ')} |`,
    `|---|${results.map(() => '---').join('|')}|`,
    ...rows.map(([name, text]) => `| ${name} | ${results.map(text).join(' | ')} |`),
  ]
}

await main()
