/**
 * When a run is worth telling somebody: twelve rules over one run and those before it. Pure.
 * Called at the end of every run, and over past runs to say how often a rule would have fired.
 * Invariant: a rule that cannot be judged, for want of earlier runs, does not fire.
 * Spec: backlog-replication 2.14.
 */
import type { RunInfo } from '../api-v1.ts'
import type { AlertRule, AlertRuleInfo, AlertRuleKey } from '../api-v1-alerts.ts'

const USUAL_RUNS = 20
const USUAL_RUNS_MIN = 5
const SIGMAS = 3

type Judge = (run: RunInfo, earlier: readonly RunInfo[], limit: number) => string | undefined

interface RuleDeclaration {
  readonly key: AlertRuleKey
  readonly title: string
  readonly on: boolean
  readonly limit?: number
  readonly unit?: string
  readonly fires: Judge
}

const written = ({ rows }: RunInfo) => rows.inserted + rows.updated + rows.deleted
const isBad = ({ state }: RunInfo) => state === 'FAILED' || state === 'PARTIAL'
const isGood = ({ state }: RunInfo) => state === 'SUCCESS' || state === 'WARNING'

const RULES: readonly RuleDeclaration[] = [
  {
    ...{ key: 'failed', title: 'A run failed', on: true },
    fires: run => (isBad(run) ? `failed: ${run.error ?? run.state.toLowerCase()}` : undefined),
  },
  {
    ...{ key: 'warning', title: 'A run ended with warnings', on: true },
    fires: run => (run.state === 'WARNING' ? `ended with warnings: ${warnings(run)}` : undefined),
  },
  {
    ...{ key: 'recovered', title: 'A run succeeded after one that failed', on: true },
    fires: (run, [before]) =>
      isGood(run) && before !== undefined && isBad(before) ? 'works again' : undefined,
  },
  {
    ...{ key: 'completed', title: 'Every run that ended', on: false },
    fires: run => (isGood(run) ? `is done: ${run.text}` : undefined),
  },
  {
    ...{ key: 'no_rows', title: 'No rows in so many runs', on: true, limit: 3, unit: 'runs' },
    fires: (run, earlier, limit) => noRows([run, ...earlier], limit),
  },
  {
    ...{ key: 'unusual_rows', title: 'Far fewer or more rows than usual', on: false },
    fires: unusualRows,
  },
  {
    ...{ key: 'slow', title: 'A run took longer than', on: false, limit: 60, unit: 'minutes' },
    fires: (run, _earlier, limit) =>
      run.elapsedMs > limit * 60_000 ? `took longer than ${limit} minutes` : undefined,
  },
  {
    ...{ key: 'waited', title: 'Waited for the rate limit longer than', on: false },
    ...{ limit: 300, unit: 'seconds' },
    fires: (run, _earlier, limit) =>
      run.requests.waitedMs > limit * 1000
        ? `waited for the rate limit longer than ${limit} seconds`
        : undefined,
  },
  {
    ...{ key: 'schema_changed', title: 'A schema changed, of the source or a table', on: false },
    fires: run =>
      run.schemaChanges.length > 0 ? `schema changed: ${run.schemaChanges[0]}` : undefined,
  },
  {
    ...{ key: 'parked_deletes', title: 'Deletes were held back', on: true },
    fires: run => {
      const count = run.tasks.reduce((sum, one) => sum + one.parkedDeletes, 0)
      return count > 0 ? `held back ${count} deletes, which wait for a decision` : undefined
    },
  },
  {
    ...{ key: 'rejected_rows', title: 'Rows were rejected', on: true },
    fires: ({ rows }) => (rows.rejected > 0 ? `rejected ${rows.rejected} rows` : undefined),
  },
  {
    ...{ key: 'skipped', title: 'A run was skipped', on: false },
    fires: run =>
      run.state === 'SKIPPED' ? 'was skipped: the run before was still going' : undefined,
  },
]

const COMPARED: ReadonlySet<AlertRuleKey> = new Set(['recovered', 'no_rows', 'unusual_rows'])

export const RULES_DEFAULT: readonly AlertRule[] = RULES.map(({ key, on, limit }) =>
  limit === undefined ? { key, on } : { key, on, limit },
)

/** Why the rule fires for the run; `earlier` are those before it, newest first. */
export function firedBy(
  rule: AlertRule,
  run: RunInfo,
  earlier: readonly RunInfo[],
): string | undefined {
  const found = RULES.find(one => one.key === rule.key)
  // A retry is about a few rows: it is not compared with runs of the job, nor they with it.
  if (run.mode === 'retry' && COMPARED.has(rule.key)) return undefined
  const past = earlier.filter(one => one.mode !== 'retry')
  return found?.fires(run, past, rule.limit ?? found.limit ?? 0)
}

/** How often it would have fired; runs are newest first. */
export function countFired(rule: AlertRule, runs: readonly RunInfo[], sinceMs: number): number {
  return runs.filter(
    (run, index) =>
      Date.parse(run.startedAt) >= sinceMs &&
      firedBy(rule, run, runs.slice(index + 1)) !== undefined,
  ).length
}

/** As the page shows it. */
export function toRuleInfo(rule: AlertRule): AlertRuleInfo {
  const { title, unit } = RULES.find(one => one.key === rule.key)!
  return { ...rule, title, ...(unit === undefined ? {} : { unit }) }
}

/** All rules in their order, with what was given; undefined when something given cannot be. */
export function mergeRules(
  known: readonly AlertRule[],
  given: readonly AlertRule[],
): AlertRule[] | undefined {
  const isRight = given.every(one => {
    const rule = RULES.find(({ key }) => key === one.key)
    const { limit } = one
    if (rule === undefined || typeof one.on !== 'boolean') return false
    return limit === undefined || (Number.isInteger(limit) && limit >= 1 && limit <= 1_000_000)
  })
  if (!isRight) return undefined
  return RULES_DEFAULT.map(preset => {
    const one = given.find(({ key }) => key === preset.key)
    const old = known.find(({ key }) => key === preset.key) ?? preset
    const limit = one?.limit ?? old.limit ?? preset.limit
    const on = one?.on ?? old.on
    return preset.limit === undefined
      ? { key: preset.key, on }
      : { key: preset.key, on, limit: limit! }
  })
}

/** Once, when as many runs as the limit brought nothing, and one before them did. */
function noRows(runs: readonly RunInfo[], limit: number): string | undefined {
  const good = runs.filter(isGood).filter(one => one.mode === 'incremental')
  const streak = good.findIndex(one => written(one) > 0)
  return isGood(runs[0]!) && streak === limit ? `wrote no rows in ${limit} runs` : undefined
}

function unusualRows(run: RunInfo, earlier: readonly RunInfo[]): string | undefined {
  const past = earlier.filter(isGood).slice(0, USUAL_RUNS).map(written)
  if (!isGood(run) || past.length < USUAL_RUNS_MIN) return undefined
  const mean = past.reduce((sum, one) => sum + one, 0) / past.length
  const spread = Math.sqrt(past.reduce((sum, one) => sum + (one - mean) ** 2, 0) / past.length)
  const rows = written(run)
  // Runs that are all alike would make one row more an alarm.
  if (Math.abs(rows - mean) <= Math.max(SIGMAS * spread, 0.5 * mean, 10)) return undefined
  return `wrote ${rows} rows; about ${Math.round(mean)} are usual`
}

function warnings({ tasks, error }: RunInfo): string {
  return tasks.flatMap(one => one.warnings)[0] ?? error ?? 'see the run'
}
