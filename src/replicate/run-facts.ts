/**
 * What a run tells its statements: `run_id()`, `run_start()`, `last_run_time()` and `env('NAME')`.
 * Made by the engine of runs and by previews; the SQL engine defines the functions.
 * Invariant: of the environment of the process only names are seen that its owner chose for this, by
 * the prefix `SCAMANDER_ENV_`.
 * Spec: backlog-replication 2.6.
 */
export interface RunFacts {
  readonly runId: string
  readonly startMs: number
  /** When the last run began after which the rows were those of the source; null: there was none. */
  readonly lastMs: number | null
  /** Values that statements may see, by name. */
  readonly env: Readonly<Record<string, string>>
}

export const ENV_PREFIX = 'SCAMANDER_ENV_'

/** Where statements are only looked at. */
export const NO_RUN: RunFacts = {
  runId: '00000000-0000-0000-0000-000000000000',
  startMs: 0,
  lastMs: null,
  env: {},
}

export function sharedEnv(all: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const shared: Record<string, string> = {}
  for (const [name, value] of Object.entries(all)) {
    if (name.startsWith(ENV_PREFIX) && value !== undefined)
      shared[name.slice(ENV_PREFIX.length)] = value
  }
  return shared
}

/** Statements that define the functions. */
export function runMacros({ runId, startMs, lastMs, env }: RunFacts): string[] {
  const known = Object.entries(env).map(([name, value]) => `WHEN ${text(name)} THEN ${text(value)}`)
  const unknown = `error('env: there is no value ' || name || '; start the server with ${ENV_PREFIX}' || name || ', or take another name')`
  return [
    `CREATE MACRO run_id() AS ${text(runId)}`,
    `CREATE MACRO run_start() AS ${moment(startMs)}`,
    `CREATE MACRO last_run_time() AS ${lastMs === null ? 'CAST(NULL AS TIMESTAMP)' : moment(lastMs)}`,
    `CREATE MACRO env(name) AS CASE CAST(name AS VARCHAR) ${known.join(' ')} WHEN NULL THEN '' ELSE ${unknown} END`,
  ]
}

function moment(ms: number): string {
  return `CAST(${text(new Date(ms).toISOString().replace('Z', ''))} AS TIMESTAMP)`
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
