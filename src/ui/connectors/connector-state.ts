/**
 * What the page shows as the state of a connector, and the order of the list.
 * Used by the list, the head of a connector and the palette.
 * Invariant: the shown state is the worst of the connector's own and its tasks'; never green while a
 * task is not.
 * Spec: ui 3 (Status), 4.1 (attention first).
 */
import type { ConnectorStateInfo, ExpandedConnector } from '../../api.ts'

export type ShownState =
  | 'FAILED'
  | 'DEGRADED'
  | 'RESTARTING'
  | 'UNASSIGNED'
  | 'RUNNING'
  | 'PAUSED'
  | 'STOPPED'
  | 'UNKNOWN'

/** Attention first. */
export const SHOWN_STATES: readonly ShownState[] = [
  'FAILED',
  'DEGRADED',
  'RESTARTING',
  'UNASSIGNED',
  'UNKNOWN',
  'RUNNING',
  'PAUSED',
  'STOPPED',
]

export interface ConnectorRow {
  readonly name: string
  readonly type: string
  readonly plugin: string
  readonly state: ShownState
  /** "Degraded: 1 of 3 tasks failed" */
  readonly text: string | undefined
  /** Why the connector, or the first of its tasks that failed, failed. */
  readonly cause: string | undefined
  readonly tasksRunning: number
  readonly tasksTotal: number
  readonly topics: readonly string[]
  readonly config: Readonly<Record<string, string>>
}

export function toRows(all: Readonly<Record<string, ExpandedConnector>>): ConnectorRow[] {
  return Object.entries(all)
    .map(([name, one]) => toRow(name, one))
    .sort(byAttention)
}

function toRow(name: string, { status, info }: ExpandedConnector): ConnectorRow {
  const config = info?.config ?? {}
  const tasks = status?.tasks ?? []
  const { state, text } = shownState(status)
  return {
    name,
    type: status?.type ?? info?.type ?? 'unknown',
    plugin: (config['connector.class'] ?? '').split('.').at(-1) ?? '',
    state,
    text,
    cause: failureOf(status),
    tasksRunning: tasks.filter(task => task.state === 'RUNNING').length,
    tasksTotal: tasks.length,
    topics: topicsOf(config),
    config,
  }
}

function failureOf(status: ConnectorStateInfo | undefined): string | undefined {
  const parts = status === undefined ? [] : [status.connector, ...status.tasks]
  const trace = parts.find(one => one.state === 'FAILED' && one.trace !== undefined)?.trace
  return trace === undefined ? undefined : causeOf(trace)
}

export function shownState(status: ConnectorStateInfo | undefined): {
  state: ShownState
  text: string | undefined
} {
  if (status === undefined) return { state: 'UNKNOWN', text: undefined }
  const own = status.connector.state
  const states = status.tasks.map(task => task.state)
  const failed = states.filter(state => state === 'FAILED').length
  if (own === 'FAILED') return { state: 'FAILED', text: undefined }
  if (failed > 0 && failed === states.length) {
    return {
      state: 'FAILED',
      text: failed === 1 ? 'Failed: its task' : `Failed: all ${failed} tasks`,
    }
  }
  if (failed > 0) {
    return { state: 'DEGRADED', text: `Degraded: ${failed} of ${states.length} tasks failed` }
  }
  if (own !== 'RUNNING') return { state: own, text: undefined }
  if (states.includes('RESTARTING')) return { state: 'RESTARTING', text: undefined }
  if (states.includes('UNASSIGNED')) return { state: 'UNASSIGNED', text: undefined }
  return { state: 'RUNNING', text: undefined }
}

function topicsOf(config: Readonly<Record<string, string>>): string[] {
  const regex = config['topics.regex']
  const listed = (config['topics'] ?? '').split(',').map(topic => topic.trim())
  const topics = listed.filter(topic => topic !== '')
  return regex === undefined ? topics : [...topics, `/${regex}/`]
}

export function byAttention(one: ConnectorRow, other: ConnectorRow): number {
  const order = SHOWN_STATES.indexOf(one.state) - SHOWN_STATES.indexOf(other.state)
  return order === 0 ? one.name.localeCompare(other.name, 'en', { numeric: true }) : order
}

/** A first line that tells what happened, out of a Java-like trace. */
export function causeOf(trace: string): string {
  const lines = trace.split('\n').map(line => line.trim())
  const causes = lines.filter(line => line.startsWith('Caused by: '))
  const line = causes.at(-1)?.slice('Caused by: '.length) ?? lines.find(one => one !== '') ?? ''
  return line.replace(/^(?:[\w$]+\.)+([\w$]+)(?=:)/, '$1')
}
