/**
 * What Home tells, without its look: flows with their ends and rates. Pure.
 * What needs attention is no part of it: that list, and so the number in titles and in the navigation,
 * comes from the server (`attentionQuery` in home-queries.ts).
 * Invariants: a rate needs two readings, until then it is unknown, never 0; a counter that began again
 * gives no rate; what fails stands first.
 * Spec: ui 5.1.
 */
import type { JobInfo, RunSummary } from '../../api-v1.ts'
import type { FlowCounters, FlowsInfo } from '../../api-v1-home.ts'
import type { ConnectorRow } from '../connectors/connector-state.ts'
import { toAhead, toCounted } from '../parts/format.ts'
import { type Held, heldOf, isWaiting } from './held.ts'

export interface FlowEnd {
  readonly kind: 'topic' | 'table' | 'backlog' | 'cassandra' | 'unknown'
  readonly name: string
}

export interface Flow {
  readonly key: string
  readonly name: string
  readonly kind: 'sink' | 'source' | 'job' | 'channel'
  readonly state: string
  /** Beside the state: "sink, 2 tasks". */
  readonly text: string
  readonly from: readonly FlowEnd[]
  readonly to: readonly FlowEnd[]
  /** Records per second that it writes; undefined: unknown. */
  readonly rate: number | undefined
  /** Records per second that it reads. */
  readonly inRate: number | undefined
  readonly lag: number | undefined
  readonly deadLetters: number
  /** Of a connector. */
  readonly held?: Held | undefined
}

/** What a connector that reads a capture destination moves; its configuration does not name it. */
export interface CapturedEnds {
  readonly tables: readonly string[]
  readonly topics: readonly string[]
}

export interface Sample {
  readonly atMs: number
  readonly counters: ReadonlyMap<string, FlowCounters>
}

export function toSample({ time, connectors }: FlowsInfo): Sample {
  return { atMs: Date.parse(time), counters: new Map(connectors.map(one => [one.name, one])) }
}

/** Per second between two readings, of what a connector wrote, or read. */
export function rateOf(
  name: string,
  {
    before,
    now,
    of = 'written',
  }: { before: Sample | undefined; now: Sample; of?: 'written' | 'read' },
): number | undefined {
  const [old, last] = [before?.counters.get(name), now.counters.get(name)]
  if (before === undefined || old === undefined || last === undefined) return undefined
  const seconds = (now.atMs - before.atMs) / 1000
  const moved = last[of] - old[of]
  return seconds <= 0 || moved < 0 ? undefined : moved / seconds
}

const MAPPING = /^topic\.(.+)\.([^.]+)\.([^.]+)\.mapping$/
const INTO = /\b(?:insert|upsert)\s+into\s+([\w."`-]+)/gi
const FROM = /\bfrom\s+([\w."`-]+)/gi
const KCQL_KEY = /\.kcql$|export\.route\.query$|import\.route\.query$/

/** Tables of a sink as its configuration names them. */
export function tablesOf(config: Config): string[] {
  const mapped = Object.keys(config).flatMap(key => {
    const found = MAPPING.exec(key)
    return found === null ? [] : [`${found[2]}.${found[3]}`]
  })
  return [...new Set([...mapped, ...kcqlTables(config, INTO)])]
}

type Config = Readonly<Record<string, string>>

/** What KCQL names behind a word: topics as they are. */
function kcqlNames(config: Config, word: RegExp): string[] {
  const texts = Object.entries(config).filter(([key]) => KCQL_KEY.test(key))
  return texts.flatMap(([, text]) =>
    [...text.matchAll(word)].map(([, name = '']) => name.replaceAll(/["`]/g, '')),
  )
}

/** Tables, in the keyspace of the connector. */
function kcqlTables(config: Config, word: RegExp): string[] {
  const keyspace = Object.entries(config).find(([key]) => key.endsWith('cassandra.key.space'))?.[1]
  const full = (name: string) =>
    name.includes('.') || keyspace === undefined ? name : `${keyspace}.${name}`
  return kcqlNames(config, word).map(full)
}

function ends(kind: FlowEnd['kind'], names: readonly string[]): FlowEnd[] {
  return names.length === 0 ? [{ kind: 'unknown', name: '' }] : names.map(name => ({ kind, name }))
}

/** The same order as the list of connectors: what needs attention stands first. */
export function connectorFlows(
  rows: readonly ConnectorRow[],
  samples: { readonly before: Sample | undefined; readonly now: Sample | undefined },
  captured: ReadonlyMap<string, CapturedEnds> = new Map(),
): Flow[] {
  const { before, now } = samples
  return rows.map(row => {
    const isSink = row.type !== 'source'
    const counters = now?.counters.get(row.name)
    const { tables, topics } = captured.get(row.name) ?? {
      tables: sourceTables(row.config),
      topics: sourceTopics(row.config),
    }
    return {
      key: `connector ${row.name}`,
      name: row.name,
      kind: isSink ? 'sink' : 'source',
      state: row.state,
      text: `${isSink ? 'sink' : 'source'}, ${row.tasksTotal} ${row.tasksTotal === 1 ? 'task' : 'tasks'}`,
      from: isSink ? ends('topic', row.topics) : ends('table', tables),
      to: isSink ? ends('table', tablesOf(row.config)) : ends('topic', topics),
      rate: now === undefined ? undefined : rateOf(row.name, { before, now }),
      inRate: now === undefined ? undefined : rateOf(row.name, { before, now, of: 'read' }),
      lag: counters?.lag ?? undefined,
      deadLetters: counters?.deadLetters ?? 0,
      held: heldOf(row.state, counters),
    }
  })
}

function sourceTables(config: Config): string[] {
  const named = [config['keyspaceName'], config['tableName']]
  if (named.every(one => one !== undefined)) return [named.join('.')]
  return [...new Set(kcqlTables(config, FROM))]
}

function sourceTopics(config: Config): string[] {
  const topic = config['topicName'] ?? config['topic']
  return topic === undefined ? [...new Set(kcqlNames(config, INTO))] : [topic]
}

export function jobFlows(jobs: readonly JobInfo[]): Flow[] {
  return jobs.map(job => {
    const run = job.activeRun ?? job.lastRun
    const tables = job.tasks
      .filter(one => one.enabled)
      .map(one => one.lastRun?.destination ?? one.destination)
    return {
      key: `job ${job.id}`,
      name: job.name,
      kind: 'job',
      state: run?.state ?? (job.enabled ? 'UNTESTED' : 'PAUSED'),
      text: jobText(job),
      from: [{ kind: job.sourceConnector, name: job.sourceName }],
      to: ends('table', [...new Set(tables)]),
      rate: job.activeRun === undefined ? 0 : runRate(job.activeRun),
      inRate: job.activeRun === undefined ? 0 : runRate(job.activeRun),
      lag: undefined,
      deadLetters: 0,
    }
  })
}

/** "job, next in 11 h", or what it consists of. */
function jobText({ tasks, schedule, enabled }: JobInfo): string {
  const [next] = schedule.next
  if (enabled && schedule.on && next !== undefined) return `job, next ${toAhead(next)}`
  return `job, ${toCounted(tasks.length, 'task')}`
}

function runRate({ rows, elapsedMs }: RunSummary): number | undefined {
  return elapsedMs <= 0 ? undefined : (rows.read * 1000) / elapsedMs
}

/** Of what it writes, never "idle" while something waits. */
export function flowRateText({ rate, state, held, lag }: Flow): string {
  return rateText(rate, isWaiting(state, held, lag))
}

/** Rates of unknown flows are left out; undefined when none is known. */
export function sumOfRates(
  flows: readonly Flow[],
  of: 'rate' | 'inRate' = 'rate',
): number | undefined {
  const known = flows.flatMap(one => one[of] ?? [])
  return known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0)
}

/** "812/s", "0.4/s", "<0.1/s", "idle", "–"; "waiting" where there is something to do. */
export function rateText(rate: number | undefined, isWaiting = false): string {
  if (rate === undefined) return '–'
  if (rate === 0) return isWaiting ? 'waiting' : 'idle'
  if (rate < 0.1) return '<0.1/s'
  if (rate < 10) return `${rate.toFixed(1)}/s`
  return `${Math.round(rate).toLocaleString('en-US')}/s`
}
