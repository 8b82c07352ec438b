/**
 * The checks that end each phase of a migration, asked of the clusters, the proxies and the state file
 * at the moment. What no program can see is a check that a person has to accept.
 * Called by the migration desk. Invariant: a check passes only on what was seen just now; what could
 * not be asked has failed, with the reason.
 * Spec: live-migration 5.
 */
import type { MigrationCheck } from '../../api-v1-migrations.ts'
import type { ControlSession } from '../../cassandra/index.ts'
import { counted } from './counted.ts'
import type { Project } from './project-store.ts'
import { fetchProxyState, type ProxyState } from './proxy-state.ts'
import type { LastRun } from './run-history.ts'
import type { ScannedTables } from './table-scan.ts'

export type Check = MigrationCheck

/** What was found out for the checks of a phase. */
export interface Findings {
  /** Undefined: it could not be reached. */
  readonly source: ControlSession | undefined
  readonly target: ControlSession | undefined
  readonly problems: { readonly source: string; readonly target: string }
  readonly tables: ScannedTables | undefined
  readonly tableProblem: string
  readonly proxies: readonly ProxyState[]
  lastRun(table: string, type: 'MIGRATE' | 'VALIDATE'): LastRun | undefined
}

type Found = Pick<Check, 'key' | 'title' | 'text'> & { readonly ok: boolean }

/** What is seen for sure: nobody takes it upon himself. */
const SURE = new Set([
  ...['source-reached', 'target-reached', 'partitioner', 'dual-writing'],
  ...['proxies', 'primary-source', 'primary-target', 'read-mode'],
])
/** Looked at before the work of a phase; all others before its end. */
const ENTRIES: readonly (readonly string[])[] = [
  ['source-reached', 'target-reached', 'partitioner'],
  ['tables'],
  ['dual-writing', 'gc-grace'],
  ['copied', 'validated'],
  ['copied', 'validated', 'read-mode'],
  ['primary-target'],
]

export async function askProxies(project: Project, token?: string): Promise<ProxyState[]> {
  return await Promise.all(project.proxies.map(url => fetchProxyState(url, token)))
}

export function checksOf(project: Project, findings: Findings): Check[] {
  const found = CHECKS[project.phase]?.(project, findings) ?? []
  const entries = ENTRIES[project.phase] ?? []
  return found.map(({ ok, ...check }): Check => {
    const acceptable = !SURE.has(check.key)
    const isAccepted = acceptable && project.accepted.includes(check.key)
    return {
      ...{ ...check, acceptable, when: entries.includes(check.key) ? 'entry' : 'exit' },
      state: ok ? 'passed' : isAccepted ? 'accepted' : 'failed',
      accepted: project.acceptances?.[check.key] ?? null,
    }
  })
}

const CHECKS: readonly ((project: Project, findings: Findings) => Found[])[] = [
  planChecks,
  proxyChecks,
  copyChecks,
  rehearsalChecks,
  switchChecks,
  cutOverChecks,
]

function planChecks(_project: Project, findings: Findings): Found[] {
  const { source, target, problems } = findings
  const reached = (side: 'source' | 'target', session: ControlSession | undefined): Found => ({
    key: `${side}-reached`,
    title: `The ${side} can be reached`,
    ok: session !== undefined,
    text:
      session === undefined
        ? problems[side]
        : `${session.clusterName}: Cassandra ${session.releaseVersions.join(', ')}, ${counted(session.nodes.length, 'node')}`,
  })
  const isMurmur = source?.isTokenAware === true && target?.isTokenAware === true
  return [
    reached('source', source),
    reached('target', target),
    {
      key: 'partitioner',
      title: 'Both use Murmur3Partitioner',
      ok: isMurmur,
      text: isMurmur ? 'yes' : 'no, or not known',
    },
    tableCheck(findings),
  ]
}

function tableCheck({ tables, tableProblem }: Findings): Found {
  const red = tables?.findings.filter(one => one.state === 'red') ?? []
  const text =
    tables === undefined
      ? tableProblem
      : red.length === 0
        ? counted(tables.findings.length, 'table')
        : red.map(one => `${one.table}: ${one.reasons.join('; ')}`).join('. ')
  const ok = tables !== undefined && red.length === 0
  return { key: 'tables', title: 'The tables of both fit', ok, text }
}

function proxyChecks(_project: Project, findings: Findings): Found[] {
  const { proxies } = findings
  const missed = proxies.reduce((sum, one) => sum + one.missedWrites, 0)
  const clients = proxies.reduce((sum, one) => sum + one.clients, 0)
  return [
    tableCheck(findings),
    proxiesReached(proxies),
    everyProxy(
      proxies,
      'primary-source',
      'Reads come from the source',
      one => one.primary === 'source',
    ),
    {
      key: 'clients',
      title: 'Clients are connected to the proxies',
      ok: clients > 0,
      text: counted(clients, 'connection'),
    },
    {
      key: 'missed-writes',
      title: 'The target missed no write',
      ok: proxies.length > 0 && missed === 0,
      text: counted(missed, 'write'),
    },
    confirmation('all-writers', 'Every writer goes through the proxies'),
  ]
}

function copyChecks(project: Project, findings: Findings): Found[] {
  const dualMs = Date.parse(project.dualSince ?? '')
  const elapsed = (Date.now() - dualMs) / 1000
  const grace = findings.tables?.gcGraceSecondsMin ?? 0
  return [
    {
      key: 'dual-writing',
      title: 'The start of dual writing is recorded',
      ok: !Number.isNaN(dualMs),
      text: project.dualSince ?? 'not recorded: go back to phase 1',
    },
    {
      key: 'gc-grace',
      title: 'Tombstones live longer than the copy takes',
      ok: elapsed < grace,
      text: `${Math.round(elapsed)} s since dual writing began, gc_grace_seconds ${grace}`,
    },
    proxiesReached(findings.proxies),
    ...dataChecks(project, findings),
  ]
}

/** Copied after dual writing began, and equal after that. */
function dataChecks(project: Project, { tables, tableProblem, lastRun }: Findings): Found[] {
  const names = tables?.findings.map(one => one.table) ?? []
  const problems = (problemOf: (table: string) => string | undefined) => {
    if (tables === undefined) return tableProblem
    return names.flatMap(name => problemOf(name) ?? []).join('; ')
  }
  const check = (key: string, title: string, text: string): Found => ({
    ...{ key, title, ok: text === '' },
    text: text === '' ? counted(names.length, 'table') : text,
  })
  const dualMs = Date.parse(project.dualSince ?? '')
  return [
    check(
      'copied',
      'Every table is copied',
      problems(name => copyProblem(name, dualMs, lastRun)),
    ),
    check(
      'validated',
      'Nothing differs',
      problems(name => validationProblem(name, lastRun)),
    ),
  ]
}

function copyProblem(
  table: string,
  dualMs: number,
  lastRun: Findings['lastRun'],
): string | undefined {
  const copy = lastRun(table, 'MIGRATE')
  if (copy === undefined) return `${table}: no copy in the state file`
  if (!copy.isEnded || copy.openRanges > 0)
    return `${table}: ${counted(copy.openRanges, 'range')} left`
  return copy.startedMs < dualMs ? `${table}: copied before dual writing began` : undefined
}

function validationProblem(table: string, lastRun: Findings['lastRun']): string | undefined {
  const validation = lastRun(table, 'VALIDATE')
  const copy = lastRun(table, 'MIGRATE')
  if (validation === undefined) return `${table}: no validation in the state file`
  if (!validation.isEnded || validation.openRanges > 0) {
    return `${table}: ${counted(validation.openRanges, 'range')} to do again`
  }
  return validation.startedMs < (copy?.endedMs ?? 0)
    ? `${table}: validated before the copy ended`
    : undefined
}

function rehearsalChecks(project: Project, findings: Findings): Found[] {
  const { proxies } = findings
  return [
    ...dataChecks(project, findings),
    proxiesReached(proxies),
    confirmation(
      'rehearsed',
      'Latency and errors of the target are as agreed, or this is left out',
    ),
    readModePrimary(proxies),
  ]
}

function switchChecks(project: Project, findings: Findings): Found[] {
  const { proxies } = findings
  return [
    ...dataChecks(project, findings),
    readModePrimary(proxies),
    proxiesReached(proxies),
    everyProxy(
      proxies,
      'primary-target',
      'Reads come from the target',
      one => one.primary === 'target',
    ),
    confirmation('stable', 'Clients were well for the agreed time'),
  ]
}

function cutOverChecks(_project: Project, { proxies }: Findings): Found[] {
  const clients = proxies.reduce((sum, one) => sum + one.clients, 0)
  // Those that were stopped already have done their part.
  const left = proxies.filter(one => one.problem === undefined)
  const wrong = left.filter(one => one.primary !== 'target').map(one => one.url)
  return [
    {
      key: 'primary-target',
      title: 'Reads come from the target',
      ok: wrong.length === 0,
      text: wrong.length === 0 ? `${left.length} proxies` : `not on ${wrong.join(', ')}`,
    },
    {
      key: 'no-clients',
      title: 'No client is left on the proxies',
      ok: clients === 0,
      text: counted(clients, 'connection'),
    },
    confirmation('on-target', 'Every client is connected to the target'),
  ]
}

function readModePrimary(proxies: readonly ProxyState[]): Found {
  const isPrimary = (one: ProxyState) => one.readMode === 'primary'
  return everyProxy(proxies, 'read-mode', 'Rehearsed reads are off', isPrimary)
}

function proxiesReached(proxies: readonly ProxyState[]): Found {
  const bad = proxies.filter(one => !one.isReady)
  const text =
    proxies.length === 0
      ? 'the project names no proxy'
      : bad.map(one => `${one.url}: ${one.problem ?? 'a cluster is down'}`).join('; ')
  const ok = proxies.length > 0 && bad.length === 0
  const all = `${proxies.length} of ${proxies.length}`
  return { key: 'proxies', title: 'The proxies reach both clusters', ok, text: ok ? all : text }
}

function everyProxy(
  proxies: readonly ProxyState[],
  key: string,
  title: string,
  isRight: (proxy: ProxyState) => boolean,
): Found {
  const right = proxies.filter(isRight).length
  const ok = proxies.length > 0 && right === proxies.length
  return { key, title, ok, text: `${right} of ${proxies.length} proxies` }
}

/** Only a person knows. */
function confirmation(key: string, title: string): Found {
  return { key, title, ok: false, text: 'accept it when it is so' }
}
