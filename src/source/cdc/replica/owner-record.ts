/**
 * Who captures for a prefix: a record of the topic of state that its worker writes again and again.
 * Read by workers that start, by agents and by those who deliver elsewhere.
 * Invariant: a worker that has not written it for `LEASE_MS` takes nothing from agents any more; another
 * one that takes over waits for longer than that.
 * Spec: docs/adr/0032-queues-in-topics.md.
 */

export interface OwnerRecord {
  /** Of this ownership; the file that has it is as new as the topics. */
  readonly id: string
  /** Of its REST API; empty: not known yet. */
  readonly url: string
  readonly atMs: number
  /** It ended in order: nobody has to wait. */
  readonly isReleased: boolean
  /** Grows with every write; 0: of an older release. */
  readonly round: number
}

export const OWNER_KEY = '["owner"]'
export const HEARTBEAT_MS = 2000
export const LEASE_MS = 8000
/** A worker that takes over waits so long without a sign of the one before. */
export const TAKEOVER_MS = 12_000

export function parseOwner(text: string | null | undefined): OwnerRecord | undefined {
  if (text === null || text === undefined) return undefined
  const found = JSON.parse(text) as Partial<OwnerRecord>
  if (typeof found.id !== 'string') return undefined
  const { id, url = '', atMs = 0, isReleased = false, round = 0 } = found
  return { id, url, atMs, isReleased, round }
}

/** It wrote between the last look and the moment from which it can no more. */
export function isStolen(before: OwnerRecord | undefined, now: OwnerRecord | undefined): boolean {
  if (now === undefined || now.isReleased) return false
  return before?.id !== now.id || before.atMs !== now.atMs
}
