/**
 * The units of work that the workers of a cluster share: connectors by name, tasks by
 * `name-number`, Connect's own form of a task id.
 * Used by the assignor, the group's messages and the worker. Shares are sets without order.
 */
export interface WorkShare {
  readonly connectors: ReadonlySet<string>
  readonly tasks: ReadonlySet<string>
}

export const NO_WORK: WorkShare = { connectors: new Set(), tasks: new Set() }

export function shareOf(connectors: Iterable<string>, tasks: Iterable<string>): WorkShare {
  return { connectors: new Set(connectors), tasks: new Set(tasks) }
}

export function sizeOf({ connectors, tasks }: WorkShare): number {
  return connectors.size + tasks.size
}

export function isEmptyShare(share: WorkShare): boolean {
  return sizeOf(share) === 0
}

export function sameShare(a: WorkShare, b: WorkShare): boolean {
  return isEmptyShare(minus(a, b)) && isEmptyShare(minus(b, a))
}

export function union(a: WorkShare, b: WorkShare): WorkShare {
  return shareOf(a.connectors.union(b.connectors), a.tasks.union(b.tasks))
}

export function minus(a: WorkShare, b: WorkShare): WorkShare {
  return shareOf(a.connectors.difference(b.connectors), a.tasks.difference(b.tasks))
}

export function both(a: WorkShare, b: WorkShare): WorkShare {
  return shareOf(a.connectors.intersection(b.connectors), a.tasks.intersection(b.tasks))
}

export function taskUnit(connector: string, task: number): string {
  return `${connector}-${task}`
}

/** Names may contain dashes: the number stands behind the last one. */
export function parseTaskUnit(unit: string): { readonly connector: string; readonly task: number } {
  const at = unit.lastIndexOf('-')
  return { connector: unit.slice(0, at), task: Number(unit.slice(at + 1)) }
}
