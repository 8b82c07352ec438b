/**
 * What the screens of capture tell, without their look: states of channels, where changes go, latencies,
 * the connectors that read a destination. Pure.
 * Invariants: what is wrong stands first; a channel is green only when something takes its changes.
 * Spec: ui 3 (Status), 5.5; cdc-replication 9.3.
 */
import type { CaptureAgent, CaptureChannel, CaptureDestination } from '../../api.ts'
import type { CaptureChannelFigures, CaptureOverview } from '../../api-v1-capture.ts'
import { toDuration } from '../parts/format.ts'

export type ChannelState = 'FAILED' | 'BEHIND' | 'PAUSED' | 'DELIVERING' | 'READY'

export interface ChannelRow {
  /** Unique: data center, table and destination. */
  readonly id: string
  /** `keyspace.table` */
  readonly table: string
  readonly channel: CaptureChannel
  readonly state: ChannelState
  readonly text: string | undefined
  readonly error: string | null
  readonly advice: string | null
  /** Topics, or the table of a destination in Cassandra. */
  readonly to: readonly string[]
  /** The connector that reads the destination. */
  readonly connector: string | undefined
  readonly figures: CaptureChannelFigures | undefined
}

type Config = Readonly<Record<string, string>>

/** A connector as far as capture cares. */
export interface Reader {
  readonly name: string
  readonly config: Config
}

const ORDER: readonly ChannelState[] = ['FAILED', 'BEHIND', 'PAUSED', 'DELIVERING', 'READY']
const BEHIND_SECONDS = 60
const SOURCE_CLASS = /(^|\.)DseSourceConnector$/

export function toChannelRows(
  { channels, figures }: CaptureOverview,
  readers: readonly Reader[],
): ChannelRow[] {
  return channels
    .map(channel => {
      const reader = readerOf(channel.destination, readers)
      return {
        id: idOf(channel),
        table: `${channel.sourceKeyspace}.${channel.sourceTable}`,
        channel,
        ...stateOf(channel),
        to: targetsOf(channel, reader),
        connector: reader?.name,
        figures: figures.channels.find(one => idOf(one) === idOf(channel)),
      }
    })
    .sort(byAttention)
}

type Names = Pick<CaptureChannel, 'dataCenterId' | 'sourceKeyspace' | 'sourceTable' | 'destination'>

function idOf({ dataCenterId, sourceKeyspace, sourceTable, destination }: Names): string {
  return [dataCenterId, sourceKeyspace, sourceTable, destination].join('/')
}

function byAttention(one: ChannelRow, other: ChannelRow): number {
  const order = ORDER.indexOf(one.state) - ORDER.indexOf(other.state)
  return order === 0 ? one.id.localeCompare(other.id, 'en', { numeric: true }) : order
}

interface Told {
  readonly state: ChannelState
  readonly text: string | undefined
  readonly error: string | null
  readonly advice: string | null
}

export function stateOf({ stats, destination, destinationEnabled }: CaptureChannel): Told {
  const { error, advice } = stats
  const told = (state: ChannelState, text?: string): Told => ({ state, text, error, advice })
  switch (stats.state) {
    case 'FAILED':
      return told('FAILED')
    case 'ISOLATED':
      return told('FAILED', 'Not delivered')
    case 'BLOCKED':
      return told('BEHIND', 'Blocked')
    case 'WAITING':
      return {
        ...told('BEHIND', 'Waiting for a connector'),
        error: `No connector reads the destination ${destination}: changes wait in the queue.`,
        advice: 'Launch a source connector that reads it.',
      }
    case 'COLLECTING_ONLY':
      return told('PAUSED', destinationEnabled ? undefined : 'Destination paused')
    case 'TRANSMITTING_ONLY':
      return told('PAUSED', 'Collection paused')
    case 'PAUSED':
      return told('PAUSED', 'Paused, collects nothing')
    default:
      if (stats.lagSeconds > BEHIND_SECONDS) return told('BEHIND')
      return told(stats.delivered === 0 && stats.queued === 0 ? 'READY' : 'DELIVERING')
  }
}

/** Connectors that read destinations, out of the list of all. */
export function readersOf(
  connectors: Readonly<Record<string, { readonly info?: { readonly config: Config } }>>,
): Reader[] {
  return Object.entries(connectors).flatMap(([name, { info }]) =>
    SOURCE_CLASS.test(info?.config['connector.class'] ?? '')
      ? [{ name, config: info?.config ?? {} }]
      : [],
  )
}

export function readerOf(destination: string, readers: readonly Reader[]): Reader | undefined {
  return readers.find(one => one.config['destination'] === destination)
}

function targetsOf(channel: CaptureChannel, reader: Reader | undefined): readonly string[] {
  if (channel.isCassandra) return [`${channel.destinationKeyspace}.${channel.destinationTable}`]
  return reader === undefined
    ? []
    : topicsOf(reader.config, channel.sourceKeyspace, channel.sourceTable)
}

const TOPIC_KEYS = ['topic', 'topics', 'topic.name'] as const
const PLACEHOLDER = /\$\{(destination|keyspace|table)\}/g

/** The topics that a table's changes go to, as the connector's configuration says. */
export function topicsOf(config: Config, keyspace: string, table: string): readonly string[] {
  const mapped = mapOf(config).get(`${keyspace}.${table}`)
  if (mapped !== undefined) return mapped.split('|').map(one => one.trim())
  const key = TOPIC_KEYS.find(one => config[one] !== undefined)
  const names: Readonly<Record<string, string>> = {
    ...{ destination: config['destination'] ?? '', keyspace, table },
  }
  return (key === undefined ? '' : (config[key] ?? ''))
    .split(',')
    .map(one => one.trim().replace(PLACEHOLDER, (_all, name: string) => names[name] ?? ''))
    .filter(one => one !== '')
}

function mapOf(config: Config): Map<string, string> {
  const entries = (config[TOPIC_MAP] ?? '').split(',').flatMap(one => {
    const at = one.indexOf(':')
    return at < 1 ? [] : [[one.slice(0, at).trim(), one.slice(at + 1).trim()] as const]
  })
  return new Map(entries)
}

const TOPIC_MAP = 'scamander.topic.map'

/** The change of a connector's configuration that sends a table to another topic. */
export function withTopic(config: Config, table: string, topic: string): Config {
  const map = mapOf(config).set(table, topic)
  return { [TOPIC_MAP]: [...map].map(([name, to]) => `${name}:${to}`).join(',') }
}

/** The configuration of a connector that reads a destination; readable by everybody. */
export function readerConfig(of: {
  readonly destination: string
  readonly topic: string
  readonly format: string
}): Config {
  const json = 'org.apache.kafka.connect.json.JsonConverter'
  return {
    'connector.class': 'com.datastax.kafkaconnector.source.DseSourceConnector',
    'tasks.max': '1',
    destination: of.destination,
    topic: of.topic,
    'scamander.format': of.format,
    'key.converter': json,
    'key.converter.schemas.enable': 'false',
    'value.converter': json,
    'value.converter.schemas.enable': 'false',
    // A topic that is missing is made as the broker makes topics.
    'topic.creation.default.partitions': '-1',
    'topic.creation.default.replication.factor': '-1',
  }
}

export interface DestinationRow {
  readonly destination: CaptureDestination
  readonly kind: 'Kafka' | 'Cassandra'
  readonly channels: readonly CaptureChannel[]
  readonly queued: number
  readonly queuedBytes: number
  readonly delivered: number
  /** Channels that do not deliver. */
  readonly errors: number
  readonly connector: string | undefined
}

export function toDestinationRows(
  { destinations, channels }: CaptureOverview,
  readers: readonly Reader[],
): DestinationRow[] {
  return destinations.map(destination => {
    const own = channels.filter(one => one.destination === destination.name)
    const sum = (of: (channel: CaptureChannel) => number) =>
      own.reduce((total, one) => total + of(one), 0)
    return {
      destination,
      kind: destination.addresses.length > 0 ? 'Cassandra' : 'Kafka',
      channels: own,
      queued: sum(one => one.stats.queued),
      queuedBytes: sum(one => one.stats.queuedBytes),
      delivered: sum(one => one.stats.delivered),
      errors: own.filter(one => stateOf(one).state === 'FAILED').length,
      connector: readerOf(destination.name, readers)?.name,
    }
  })
}

const CAUGHT_UP_SECONDS = 2

/** "caught up", "4.2 s behind"; the next segment, still empty, is always there. */
export function behindText(agent: CaptureAgent, nowMs: number): string {
  const ahead = agent.segmentsAhead - 1
  const segments = ahead > 0 ? `${ahead} ${ahead === 1 ? 'segment' : 'segments'}` : undefined
  if (agent.caughtUpMs === undefined) return segments === undefined ? '–' : `${segments} behind`
  const ms = Math.max(0, nowMs - agent.caughtUpMs)
  if (ms < CAUGHT_UP_SECONDS * 1000) return 'caught up'
  return `${toDuration(ms)}${segments === undefined ? '' : `, ${segments}`} behind`
}

export const RAW_WARNING = 0.5
export const RAW_ALARM = 0.8

/** Of the limit at which Cassandra refuses writes; undefined: not known. */
export function rawPart({ cdcRaw }: CaptureAgent): number | undefined {
  return cdcRaw.limitBytes > 0 ? cdcRaw.bytes / cdcRaw.limitBytes : undefined
}

/** "96 ms", "1.2 s". */
export function latencyText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–'
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  return Number.isInteger(seconds) ? `${seconds} s` : `${seconds.toFixed(1)} s`
}

/** How long the oldest change has waited; a dash when none waits. */
export function oldestText({ stats }: CaptureChannel): string {
  if (stats.queued === 0) return '–'
  const { lagSeconds } = stats
  if (lagSeconds < 60) return `${Math.round(lagSeconds)} s`
  if (lagSeconds < 3600) return `${Math.floor(lagSeconds / 60)} min`
  return `${Math.floor(lagSeconds / 3600)} h`
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`
}
