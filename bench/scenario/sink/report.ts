/**
 * Results as text: a table per run, medians and ratios, and the page docs/benchmarks/sink.md.
 * Pure, but for the facts about the machine.
 * Invariant: the environment stands first, and figures that do not flatter are shown like the others.
 */
import { cpus, release, totalmem } from 'node:os'
import type { BenchOptions } from './options.ts'
import type { RunResult } from './run-client.ts'

export interface Report {
  readonly environment: Readonly<Record<string, string>>
  readonly runs: readonly RunResult[]
  readonly medians: readonly RunResult[]
  /** Scamander divided by each other client. */
  readonly ratios: readonly Ratio[]
}

export interface Ratio {
  readonly against: string
  readonly recordsPerSecond: number
  readonly cpuPerRecord: number
  readonly rssPeak: number
  readonly cassandraCpuPerRecord: number
}

export const OURS = 'Scamander'

export function buildReport(
  runs: readonly RunResult[],
  options: BenchOptions,
  versions: Readonly<Record<string, string>>,
): Report {
  const byClient = Map.groupBy(runs, run => run.client)
  const medians = [...byClient.values()].map(medianOf)
  const ours = medians.find(one => one.client === OURS)
  const others = medians.filter(one => one.client !== OURS)
  return {
    environment: { ...machine(), ...versions, ...settings(options) },
    runs,
    medians,
    ratios: ours === undefined ? [] : others.map(other => ratio(ours, other)),
  }
}

function medianOf(runs: readonly RunResult[]): RunResult {
  const median = (pick: (run: RunResult) => number) => {
    const sorted = runs.map(pick).sort((a, b) => a - b)
    const middle = Math.floor(sorted.length / 2)
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  }
  return {
    client: runs[0]!.client,
    round: 0,
    records: median(run => run.records),
    recordsPerSecond: median(run => run.recordsPerSecond),
    cpuSecondsPerMillion: median(run => run.cpuSecondsPerMillion),
    cassandraCpuSecondsPerMillion: median(run => run.cassandraCpuSecondsPerMillion),
    rssPeakMb: median(run => run.rssPeakMb),
  }
}

function ratio(ours: RunResult, other: RunResult): Ratio {
  return {
    against: other.client,
    recordsPerSecond: ours.recordsPerSecond / other.recordsPerSecond,
    cpuPerRecord: ours.cpuSecondsPerMillion / other.cpuSecondsPerMillion,
    rssPeak: ours.rssPeakMb / other.rssPeakMb,
    cassandraCpuPerRecord: ours.cassandraCpuSecondsPerMillion / other.cassandraCpuSecondsPerMillion,
  }
}

function machine(): Record<string, string> {
  const model = cpus()[0]?.model ?? 'unknown'
  return {
    machine: `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${process.platform} ${release()}`,
    node: process.version,
  }
}

function settings(options: BenchOptions): Record<string, string> {
  const { records, warmup, rounds, tasks, partitions, protocol, batchBy } = options
  return {
    run: `${records} records after ${warmup} of warm-up, ${rounds} rounds, order alternating`,
    topic: `${partitions} partitions, JSON of about 180 bytes`,
    scamander: `${tasks} task(s), protocol ${protocol ?? 'negotiated'}, batches by ${batchBy}`,
  }
}

const HEAD = ['client', 'records/s', 'client CPU s per million', 'peak RSS MB']
const HEAD_ALL = [...HEAD, 'Cassandra CPU s per million']

export function renderReport(report: Report): string[] {
  return [
    ...Object.entries(report.environment).map(([name, value]) => `${name}: ${value}`),
    '',
    ...toMarkdown(['round', ...HEAD_ALL], report.runs.map(runCells)),
    '',
    'Medians',
    '',
    ...medianLines(report),
  ]
}

/** The result page. */
export function renderPage(report: Report): string {
  const environment = Object.entries(report.environment).map(
    ([name, value]) => `| ${name} | ${value} |`,
  )
  return [
    '# Kafka topic into a Cassandra table',
    '',
    'Measured by `npm run bench:sink`: same servers, same topic, a fresh table for each run, every client a process',
    'of its own. How: [bench/scenario/sink](../../bench/scenario/sink/README.md).',
    '',
    '## Environment',
    '',
    '| | |',
    '|---|---|',
    ...environment,
    '',
    'Servers and client share the machine.',
    '',
    '## Result',
    '',
    ...medianLines(report),
    '',
    'Every run:',
    '',
    ...toMarkdown(['round', ...HEAD_ALL], report.runs.map(runCells)),
    '',
    '## Observations',
    '',
    ...observations(report),
    '',
  ].join('\n')
}

function medianLines(report: Report): string[] {
  const ratios = report.ratios.map(one => [
    `${OURS} : ${one.against}`,
    `${one.recordsPerSecond.toFixed(2)}×`,
    `${one.cpuPerRecord.toFixed(2)}×`,
    `${one.rssPeak.toFixed(2)}×`,
    `${one.cassandraCpuPerRecord.toFixed(2)}×`,
  ])
  const medians = report.medians.map(run => runCells(run).slice(1))
  return toMarkdown(HEAD_ALL, [...medians, ...ratios])
}

/** What the figures say by themselves, good or bad. */
function observations(report: Report): string[] {
  const lines = report.ratios.map(one => {
    const faster = one.recordsPerSecond >= 1 ? 'more' : 'fewer'
    const part = `${(one.cpuPerRecord * 100).toFixed(0)} %`
    return `- Against ${one.against}: ${one.recordsPerSecond.toFixed(2)} times the records per second (${faster}), ${part} of its client CPU per record.`
  })
  for (const run of report.medians) {
    const cores = (run.cassandraCpuSecondsPerMillion * run.recordsPerSecond) / 1e6
    const own = (run.cpuSecondsPerMillion * run.recordsPerSecond) / 1e6
    lines.push(
      `- While ${run.client} wrote, Cassandra used ${cores.toFixed(2)} of ${cpus().length} cores, the client ${own.toFixed(2)}.`,
    )
  }
  return lines
}

function runCells(run: RunResult): string[] {
  return [
    String(run.round),
    run.client,
    Math.round(run.recordsPerSecond).toLocaleString('en-US'),
    run.cpuSecondsPerMillion.toFixed(2),
    run.rssPeakMb.toFixed(0),
    run.cassandraCpuSecondsPerMillion.toFixed(1),
  ]
}

function toMarkdown(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map(row => row[i]!.length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  return [
    line(head),
    `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`,
    ...rows.map(line),
  ]
}
