/**
 * What holds up the tasks of this worker now: records that fail and are tried again, and servers that
 * owe an answer. Read by the routes of the page and by the list of what needs attention.
 * Invariants: nothing of it changes a state of Connect: a task that tries again is RUNNING; a server
 * is told of only when it has been silent for longer than a slow answer takes.
 * Spec: ui 3 (Status), 5.1; cassandra-sink 7.
 */
import type { FlowTrouble, FlowWait } from '../api-v1-home.ts'
import type { ConnectorTask } from './connector-task.ts'
import type { MeasuredConnector } from './metrics.ts'

export interface HeldUp {
  readonly connector: string
  readonly troubles: readonly FlowTrouble[]
  readonly waits: readonly FlowWait[]
}

const SILENT_MS = 5_000

/** Only those that something holds up. */
export function heldUp(
  connectors: readonly Pick<MeasuredConnector, 'name' | 'tasks'>[],
  nowMs = Date.now(),
): HeldUp[] {
  return connectors.flatMap(({ name, tasks }) => {
    const troubles = tasks.flatMap(troublesOf).sort((a, b) => (a.since < b.since ? -1 : 1))
    const waits = tasks.flatMap(task => waitsOf(task, nowMs))
    if (troubles.length === 0 && waits.length === 0) return []
    return [{ connector: name, troubles, waits }]
  })
}

type Task = Pick<ConnectorTask, 'id' | 'troubles' | 'unanswered'>

function troublesOf(task: Task): FlowTrouble[] {
  return task.troubles().map(({ topic, partition, offset, sinceMs, ...rest }) => ({
    ...{ task: task.id, record: `${topic}-${partition}@${offset}` },
    ...{ since: new Date(sinceMs).toISOString(), code: rest.code, message: rest.message },
    ...{ advice: rest.advice, isRecord: rest.isRecord, attempts: rest.attempts },
  }))
}

function waitsOf(task: Task, nowMs: number): FlowWait[] {
  return task
    .unanswered()
    .filter(one => one.silentMs >= SILENT_MS)
    .map(({ server, node, silentMs, inFlight }) => ({
      ...{ task: task.id, server, node, inFlight },
      since: new Date(nowMs - silentMs).toISOString(),
    }))
}
