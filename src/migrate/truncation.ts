/**
 * Notices a TRUNCATE of a table that is being copied. It removes rows without a trace in their write
 * times: on the target the copied ones are gone, of the source rows read before come after it. So the
 * copy is worth nothing and has to begin anew; nothing else of the product would tell before a validation.
 * Used by a table's copy at its start and end. Nodes keep the time of each table's last TRUNCATE; it is
 * compared with the clock of the cluster when the run began, not with the clock of this machine.
 * Invariant: a server that does not tell is never taken for one that truncated.
 * Spec: live-migration 2.7 (TRUNCATE).
 */
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import type { ControlSession } from '../cassandra/index.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import type { TablePlan } from './table-plan.ts'

/** Milliseconds since 1970 by the clock of each cluster; 0: not known. */
export interface ClusterTimes {
  readonly source: number
  readonly target: number
}

type Sessions = Readonly<Record<keyof ClusterTimes, ControlSession>>

const SIDES = ['source', 'target'] as const
/** `[segment 8] [position 4] [milliseconds 8]` */
const RECORD_BYTES = 20

export class TruncationWatch {
  readonly #sessions: Sessions
  readonly #plan: TablePlan

  constructor(sessions: Sessions, plan: TablePlan) {
    this.#sessions = sessions
    this.#plan = plan
  }

  async times(): Promise<ClusterTimes> {
    const [source, target] = await Promise.all(SIDES.map(side => this.#look(side)))
    return { source: source!.nowMs, target: target!.nowMs }
  }

  /** Throws when a side was truncated after the run began. */
  async check(began: ClusterTimes): Promise<void> {
    for (const side of SIDES) {
      const { truncatedMs } = await this.#look(side)
      if (began[side] === 0 || truncatedMs <= began[side]) continue
      const { keyspace, name } = this.#plan[side]
      const message = `table ${keyspace}.${name} was truncated on the ${side} after this copy began`
      throw new ScamanderError(MIGRATE_ERRORS.TRUNCATED, message)
    }
  }

  async #look(side: keyof ClusterTimes): Promise<{ nowMs: number; truncatedMs: number }> {
    const session = this.#sessions[side]
    const { keyspace, name } = this.#plan[side]
    try {
      const [table] = await session.execute(
        'SELECT id FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?',
        [keyspace, name],
      )
      const [local] = await session.execute(
        'SELECT truncated_at, toTimestamp(now()) AS now FROM system.local',
      )
      const records = (local?.['truncated_at'] ?? {}) as Readonly<Record<string, unknown>>
      const record = records[String(table?.['id'])]
      const isKnown = Buffer.isBuffer(record) && record.length >= RECORD_BYTES
      const truncatedMs = isKnown ? Number(record.readBigInt64BE(record.length - 8)) : 0
      const now = local?.['now']
      return { nowMs: now instanceof Date ? now.getTime() : 0, truncatedMs }
    } catch (error) {
      // Products that speak CQL without these tables.
      if (isScamanderError(error) && !isTransient(error)) return { nowMs: 0, truncatedMs: 0 }
      throw error
    }
  }
}

function isTransient({ kind }: ScamanderError): boolean {
  return kind === 'retriable' || kind === 'disconnected' || kind === 'cancelled'
}

/** What a run remembers of its start. */
export function timesToText({ source, target }: ClusterTimes): string {
  return `${source}/${target}`
}

export function timesFromText(text: string): ClusterTimes {
  const [source, target] = /^(\d+)\/(\d+)$/.exec(text)?.slice(1).map(Number) ?? []
  return { source: source ?? 0, target: target ?? 0 }
}
