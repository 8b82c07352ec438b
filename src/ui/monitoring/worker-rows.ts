/**
 * Workers as the states of connectors and tasks name them. Pure; used by the list of workers.
 * Invariant: sorted by name; a task without a worker counts nowhere.
 * Spec: ui 5.7 (Workers).
 */
import type { ExpandedConnector } from '../../api.ts'

export interface WorkerRow {
  /** `host:port` */
  readonly id: string
  readonly connectors: number
  readonly tasks: number
  readonly failed: number
  /** Connectors whose tasks run there. */
  readonly names: readonly string[]
}

export function workersOf(all: Readonly<Record<string, ExpandedConnector>>): WorkerRow[] {
  const rows = new Map<
    string,
    { connectors: number; tasks: number; failed: number; names: Set<string> }
  >()
  const of = (id: string) => {
    const row = rows.get(id) ?? { connectors: 0, tasks: 0, failed: 0, names: new Set<string>() }
    rows.set(id, row)
    return row
  }
  for (const [name, { status }] of Object.entries(all)) {
    if (status === undefined) continue
    if (status.connector.worker_id !== '') of(status.connector.worker_id).connectors++
    for (const task of status.tasks) {
      if (task.worker_id === '') continue
      const row = of(task.worker_id)
      row.tasks++
      if (task.state === 'FAILED') row.failed++
      row.names.add(name)
    }
  }
  return [...rows]
    .map(([id, row]) => ({ id, ...row, names: [...row.names].sort() }))
    .sort((a, b) => a.id.localeCompare(b.id))
}
