/**
 * The records of the topic of states, in Kafka Connect's form: the state of each connector and task
 * with the worker and generation that wrote it, and the topics that connectors were seen to use.
 * Written by every worker for what it runs, read by all.
 * Invariant: keys and values read back as they were written; others answer undefined.
 * Spec: connect-rest 17 (status).
 */
import type { ConnectorState } from '../../api.ts'
import type { LogEntry } from '../../kafka/index.ts'
import { parseObject, toBytes } from './json-text.ts'

export interface UnitStatus {
  readonly state: ConnectorState
  readonly trace: string | undefined
  readonly workerId: string
  readonly generation: number
  readonly version: string | undefined
}

export type StatusRecord =
  /** Undefined: gone. */
  | { readonly type: 'connector'; readonly name: string; readonly status: UnitStatus | undefined }
  | {
      readonly type: 'task'
      readonly name: string
      readonly task: number
      readonly status: UnitStatus | undefined
    }
  | {
      readonly type: 'topic'
      readonly name: string
      readonly topic: string
      /** Undefined: forgotten. */
      readonly seen: { readonly task: number; readonly atMs: number } | undefined
    }

const TOPIC = 'status-topic-'
const CONNECTOR = 'status-connector-'
const TASK = 'status-task-'
const OF_CONNECTOR = ':connector-'

export function encodeStatusRecord(record: StatusRecord): LogEntry {
  const entry = (key: string, value: unknown): LogEntry => ({
    key: Buffer.from(key),
    value: value === undefined ? null : toBytes(value),
  })
  if (record.type === 'topic') {
    const { name, topic, seen } = record
    const value = seen && {
      topic: { name: topic, connector: name, task: seen.task, discoverTimestamp: seen.atMs },
    }
    return entry(`${TOPIC}${topic}${OF_CONNECTOR}${name}`, value)
  }
  const { status } = record
  const value = status && {
    state: status.state,
    trace: status.trace,
    worker_id: status.workerId,
    generation: status.generation,
    version: status.version,
  }
  if (record.type === 'connector') return entry(CONNECTOR + record.name, value)
  return entry(`${TASK}${record.name}-${record.task}`, value)
}

/** Undefined for what this version does not know. */
export function decodeStatusRecord(key: Buffer, value: Buffer | null): StatusRecord | undefined {
  const text = key.toString()
  const json = value === null ? undefined : parseObject(value)
  if (value !== null && json === undefined) return undefined
  if (text.startsWith(TOPIC)) return toTopic(text.slice(TOPIC.length), json?.['topic'])
  const status = json && toStatus(json)
  if (json !== undefined && status === undefined) return undefined
  if (text.startsWith(CONNECTOR)) {
    return { type: 'connector', name: text.slice(CONNECTOR.length), status }
  }
  const match = text.startsWith(TASK) ? /^(.+)-(\d{1,9})$/s.exec(text.slice(TASK.length)) : null
  return (match && { type: 'task', name: match[1]!, task: Number(match[2]), status }) || undefined
}

function toTopic(text: string, value: unknown): StatusRecord | undefined {
  // Topic names have no colon.
  const at = text.indexOf(OF_CONNECTOR)
  if (at < 0) return undefined
  const [topic, name] = [text.slice(0, at), text.slice(at + OF_CONNECTOR.length)]
  const json = value as { task?: unknown; discoverTimestamp?: unknown } | undefined
  const seen = json && { task: Number(json.task), atMs: Number(json.discoverTimestamp) }
  return { type: 'topic', name, topic, seen }
}

const STATES: ReadonlySet<unknown> = new Set<ConnectorState>([
  'UNASSIGNED',
  'RUNNING',
  'PAUSED',
  'STOPPED',
  'FAILED',
  'RESTARTING',
])

function toStatus(json: Readonly<Record<string, unknown>>): UnitStatus | undefined {
  const { state, trace, worker_id: workerId, generation, version } = json
  // DESTROYED is internal to Kafka Connect: the unit is about to go.
  if (!STATES.has(state)) return undefined
  return {
    state: state as ConnectorState,
    trace: typeof trace === 'string' ? trace : undefined,
    workerId: String(workerId ?? ''),
    generation: Number(generation ?? 0),
    version: typeof version === 'string' ? version : undefined,
  }
}
