/**
 * The look at both clusters before anything moves: can they be reached, do the tables fit, and what
 * makes a table harder to move. Green, amber or red per table, with the reasons.
 * Called by the checks. Reads schemas only, no rows. Invariant: nothing is changed on either side.
 * Spec: live-migration 3.6, 5 (phase 0).
 */
import { messageOf } from '../../base/scamander-error.ts'
import type { ControlSession, TableSchema } from '../../cassandra/index.ts'
import { SELECTION_DEFAULTS } from '../settings.ts'
import { hasElementTimes, listTables } from '../table-list.ts'
import { planTable, type TablePlan } from '../table-plan.ts'
import type { Project } from './project-store.ts'

export interface TableFinding {
  readonly table: string
  readonly state: 'green' | 'amber' | 'red'
  readonly reasons: readonly string[]
}

export interface ScannedTables {
  readonly findings: readonly TableFinding[]
  /** Of the tables that exist on the target; 0: none. */
  readonly gcGraceSecondsMin: number
}

const GC_GRACE_SECONDS_MIN = 86_400

type Selection = Pick<Project, 'keyspace' | 'targetKeyspace' | 'tables'>

export async function scanTables(
  selection: Selection,
  source: ControlSession,
  target: ControlSession,
): Promise<ScannedTables> {
  const { keyspace, targetKeyspace, tables } = selection
  const names = await listTables(source, {
    ...SELECTION_DEFAULTS,
    keyspace,
    targetKeyspace,
    tables,
  })
  const options = await optionsOf(target, targetKeyspace)
  const findings: TableFinding[] = []
  let gcGraceSecondsMin = 0
  for (const name of names) {
    const found = await source.table(keyspace, name)
    const gcGrace = options.get(name)?.gcGraceSeconds
    if (gcGrace !== undefined) {
      gcGraceSecondsMin = Math.min(gcGraceSecondsMin || Number.POSITIVE_INFINITY, gcGrace)
    }
    findings.push(await scanTable(selection, { name, found, source, target, options }))
  }
  return { findings, gcGraceSecondsMin }
}

interface TableOptions {
  readonly gcGraceSeconds: number
  readonly defaultTtl: number
}

async function optionsOf(
  target: ControlSession,
  keyspace: string,
): Promise<ReadonlyMap<string, TableOptions>> {
  const rows = await target.execute(
    'SELECT table_name, gc_grace_seconds, default_time_to_live FROM system_schema.tables WHERE keyspace_name = ?',
    [keyspace],
  )
  return new Map(
    rows.map(row => [
      String(row['table_name']),
      {
        gcGraceSeconds: Number(row['gc_grace_seconds']),
        defaultTtl: Number(row['default_time_to_live']),
      },
    ]),
  )
}

async function scanTable(
  { targetKeyspace }: Selection,
  of: {
    readonly name: string
    readonly found: TableSchema
    readonly source: ControlSession
    readonly target: ControlSession
    readonly options: ReadonlyMap<string, TableOptions>
  },
): Promise<TableFinding> {
  const { name, found, source, target, options } = of
  const own = options.get(name)
  if (own === undefined) {
    const reasons = ['not on the target; `scamander migrate --create-schema` makes it']
    return { table: name, state: 'red', reasons }
  }
  let plan: TablePlan
  try {
    plan = planTable(found, await target.table(targetKeyspace, name), {
      ...{ renames: new Map<string, string>(), skipColumns: new Set<string>() },
      ...{ constants: new Map<string, string>(), withTimes: true, withTtls: true },
      hasElementTimes: hasElementTimes(source),
    })
  } catch (error) {
    return { table: name, state: 'red', reasons: [messageOf(error)] }
  }
  const reasons = risksOf(plan, own)
  return { table: name, state: reasons.length === 0 ? 'green' : 'amber', reasons }
}

function risksOf(plan: TablePlan, { gcGraceSeconds, defaultTtl }: TableOptions): string[] {
  const columns = [...plan.regulars, ...plan.statics]
  const named = (wanted: (one: (typeof columns)[number]) => boolean) =>
    columns.filter(wanted).map(one => one.source.name)
  const lists = named(one => one.shape === 'list')
  const converted = named(one => one.convert !== undefined)
  return [
    ...(plan.isCounter ? ['counters: copy and validate them when nobody counts'] : []),
    ...(lists.length > 0 ? [`lists that are not frozen: ${lists.join(', ')}`] : []),
    ...(converted.length > 0 ? [`other types on the target: ${converted.join(', ')}`] : []),
    ...(plan.targetOnly.length > 0 ? [`only on the target: ${plan.targetOnly.join(', ')}`] : []),
    ...(defaultTtl > 0 ? [`default TTL of ${defaultTtl} s on the target`] : []),
    ...(gcGraceSeconds < GC_GRACE_SECONDS_MIN
      ? [`gc_grace_seconds of the target is ${gcGraceSeconds}: raise it until the copy is done`]
      : []),
  ]
}
