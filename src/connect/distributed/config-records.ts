/**
 * The records of the topic of configurations, in Kafka Connect's own form, so that the topics of an
 * existing cluster can be taken over.
 * Written by the leader (config-log.ts), read by every worker (config-state.ts).
 * Invariants: what `encodeConfigRecord` writes `decodeConfigRecord` reads back; records of unknown
 * keys or forms answer undefined and are passed over.
 * Spec: connect-rest 17 (config).
 */
import type { LogEntry } from '../../kafka/index.ts'
import type { TargetState } from '../connector.ts'
import { type JsonMembers, parseObject, toBytes, toSettings } from './json-text.ts'

export type Settings = Readonly<Record<string, string>>

export interface SessionKey {
  readonly key: Buffer
  readonly algorithm: string
  readonly createdAtMs: number
}

export type ConfigRecord =
  /** Undefined: deleted. */
  | { readonly type: 'connector'; readonly name: string; readonly settings: Settings | undefined }
  | {
      readonly type: 'task'
      readonly name: string
      readonly task: number
      readonly settings: Settings | undefined
    }
  /** The task configurations before it take effect together; undefined: deleted. */
  | { readonly type: 'commit'; readonly name: string; readonly tasks: number | undefined }
  | { readonly type: 'target'; readonly name: string; readonly target: TargetState | undefined }
  | {
      readonly type: 'restart'
      readonly name: string
      readonly includeTasks: boolean
      readonly onlyFailed: boolean
    }
  | { readonly type: 'fencing'; readonly name: string; readonly taskCount: number | undefined }
  | { readonly type: 'session-key'; readonly key: SessionKey }
  | { readonly type: 'logger'; readonly namespace: string; readonly level: string }

const PREFIX = {
  connector: 'connector-',
  task: 'task-',
  commit: 'commit-',
  target: 'target-state-',
  restart: 'restart-connector-',
  fencing: 'tasks-fencing-',
  logger: 'logger-cluster-',
} as const
const SESSION_KEY = 'session-key'

export function encodeConfigRecord(record: ConfigRecord): LogEntry {
  const entry = (key: string, value: unknown): LogEntry => ({
    key: Buffer.from(key),
    value: value === undefined ? null : toBytes(value),
  })
  switch (record.type) {
    case 'connector':
      return entry(PREFIX.connector + record.name, wrapped(record.settings))
    case 'task':
      return entry(`${PREFIX.task}${record.name}-${record.task}`, wrapped(record.settings))
    case 'commit':
      return entry(PREFIX.commit + record.name, tasksValue(record.tasks))
    case 'target':
      return entry(PREFIX.target + record.name, targetValue(record.target))
    case 'restart': {
      const { includeTasks, onlyFailed } = record
      const value = { 'include-tasks': includeTasks, 'only-failed': onlyFailed }
      return entry(PREFIX.restart + record.name, value)
    }
    case 'fencing': {
      const { taskCount } = record
      const value = taskCount === undefined ? undefined : { 'task-count': taskCount }
      return entry(PREFIX.fencing + record.name, value)
    }
    case 'session-key': {
      const { key, algorithm, createdAtMs } = record.key
      const text = key.toString('base64')
      return entry(SESSION_KEY, { key: text, algorithm, 'creation-timestamp': createdAtMs })
    }
    case 'logger':
      return entry(PREFIX.logger + record.namespace, { level: record.level })
  }
}

/** Undefined for what this version does not know. */
export function decodeConfigRecord(key: Buffer, value: Buffer | null): ConfigRecord | undefined {
  const text = key.toString()
  const json = value === null ? undefined : parseObject(value)
  // Bytes that are no object are not the same as a deletion.
  if (value !== null && json === undefined) return undefined
  if (text === SESSION_KEY) return json && toSessionKey(json)
  // The longer prefixes first: `tasks-fencing-` begins like `task-` does not, `restart-` like none.
  for (const type of ['fencing', 'restart', 'target', 'logger', 'commit', 'connector'] as const) {
    if (text.startsWith(PREFIX[type])) return toRecord(type, text.slice(PREFIX[type].length), json)
  }
  return text.startsWith(PREFIX.task) ? toTask(text.slice(PREFIX.task.length), json) : undefined
}

function toRecord(
  type: 'fencing' | 'restart' | 'target' | 'logger' | 'commit' | 'connector',
  name: string,
  json: JsonMembers | undefined,
): ConfigRecord | undefined {
  switch (type) {
    case 'connector':
      return { type, name, settings: json && toSettings(json['properties']) }
    case 'commit':
      return { type, name, tasks: json && toCount(json['tasks']) }
    case 'target':
      return { type, name, target: json && toTarget(json) }
    case 'restart': {
      if (json === undefined) return undefined
      const includeTasks = json['include-tasks'] === true
      return { type, name, includeTasks, onlyFailed: json['only-failed'] === true }
    }
    case 'fencing':
      return { type, name, taskCount: json && toCount(json['task-count']) }
    case 'logger':
      return json && { type, namespace: name, level: String(json['level'] ?? '') }
  }
}

function toTask(text: string, json: JsonMembers | undefined): ConfigRecord | undefined {
  const match = /^(.+)-(\d{1,9})$/s.exec(text)
  if (match === null) return undefined
  const settings = json && toSettings(json['properties'])
  return { type: 'task', name: match[1]!, task: Number(match[2]), settings }
}

function wrapped(settings: Settings | undefined) {
  return settings === undefined ? undefined : { properties: settings }
}

function tasksValue(tasks: number | undefined) {
  return tasks === undefined ? undefined : { tasks }
}

/** Older workers know only `state`: to them a stopped connector is paused. */
function targetValue(target: TargetState | undefined) {
  if (target === undefined) return undefined
  return { state: target === 'STOPPED' ? 'PAUSED' : target, 'state.v2': target }
}

function toTarget(json: JsonMembers): TargetState | undefined {
  const text = json['state.v2'] ?? json['state']
  return text === 'STARTED' || text === 'PAUSED' || text === 'STOPPED' ? text : undefined
}

function toCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

function toSessionKey(json: JsonMembers): ConfigRecord | undefined {
  const { key, algorithm } = json
  const createdAtMs = Number(json['creation-timestamp'])
  if (typeof key !== 'string' || typeof algorithm !== 'string') return undefined
  return {
    type: 'session-key',
    key: { key: Buffer.from(key, 'base64'), algorithm, createdAtMs },
  }
}
