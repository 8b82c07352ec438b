/**
 * The checks that end each phase of a migration, asked of the clusters, the proxies and the state file
 * at the moment. What no program can see is a check that a person has to accept.
 * Called by the migration desk. Invariant: a check passes only on what was seen just now; what could
 * not be asked has failed, with the reason.
 * Spec: live-migration 5.
 */
import type { ControlSession } from '../../cassandra/index.ts'
import type { Project } from './project-store.ts'
import { fetchProxyState, type ProxyState } from './proxy-state.ts'
import type { LastRun } from './run-history.ts'
import type { ScannedTables } from './table-scan.ts'

export interface Check {
  readonly key: string
  readonly title: string
  readonly state: 'passed' | 'failed' | 'accepted'
  readonly text: string
}

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

type Found = Omit<Check, 'state'> & { readonly ok: boolean }

export async function askProxies(project: Project, token?: string): Promise<ProxyState[]> {
  return await Promise.all(project.proxies.map(url => fetchProxyState(url, token)))
}

export function checksOf(project: Project, findings: Findings): Check[] {
  const found = CHECKS[project.phase]?.(project, findings) ?? []
  return found.map(({ ok, ...check }) => {
    if (ok) return { ...check, state: 'passed' }
    return { ...check, state: project.accepted.includes(check.key) ? 'accepted' : 'failed' }
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
        : `${session.clusterName}: Cassandra ${session.releaseVersions.join(', ')}, ${session.nodes.length} node(s)`,
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
        ? `${tables.findings.length} table(s)`
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
      text: `${clients} connection(s)`,
    },
    {
      key: 'missed-writes',
      title: 'The target missed no write',
      ok: proxies.length > 0 && missed === 0,
      text: `${missed} write(s)`,
    },
    confirmation('all-writers', 'Every writer goes through the proxies'),
  ]
}

function copyChecks(
  project: Project,
  { tables, tableProblem, proxies, lastRun }: Findings,
): Found[] {
  const names = tables?.findings.map(one => one.table) ?? []
  const problems = (problemOf: (table: string) => string | undefined) => {
    if (tables === undefined) return tableProblem
    return names.flatMap(name => problemOf(name) ?? []).join('; ')
  }
  const check = (key: string, title: string, text: string): Found => ({
    ...{ key, title, ok: text === '' },
    text: text === '' ? `${names.length} table(s)` : text,
  })
  const dualMs = Date.parse(project.dualSince ?? '')
  const elapsed = (Date.now() - dualMs) / 1000
  const grace = tables?.gcGraceSecondsMin ?? 0
  return [
    proxiesReached(proxies),
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
    {
      key: 'gc-grace',
      title: 'Tombstones live longer than the copy takes',
      ok: elapsed < grace,
      text: `${Math.round(elapsed)} s since dual writing began, gc_grace_seconds ${grace}`,
    },
  ]
}

function copyProblem(
  table: string,
  dualMs: number,
  lastRun: Findings['lastRun'],
): string | undefined {
  const copy = lastRun(table, 'MIGRATE')
  if (copy === undefined) return `${table}: no copy in the state file`
  if (!copy.isEnded || copy.openRanges > 0) return `${table}: ${copy.openRanges} range(s) left`
  return copy.startedMs < dualMs ? `${table}: copied before dual writing began` : undefined
}

function validationProblem(table: string, lastRun: Findings['lastRun']): string | undefined {
  const validation = lastRun(table, 'VALIDATE')
  const copy = lastRun(table, 'MIGRATE')
  if (validation === undefined) return `${table}: no validation in the state file`
  if (!validation.isEnded || validation.openRanges > 0) {
    return `${table}: ${validation.openRanges} range(s) differ or are left`
  }
  return validation.startedMs < (copy?.endedMs ?? 0)
    ? `${table}: validated before the copy ended`
    : undefined
}

function rehearsalChecks(_project: Project, { proxies }: Findings): Found[] {
  return [
    proxiesReached(proxies),
    confirmation(
      'rehearsed',
      'Latency and errors of the target are as agreed, or this is left out',
    ),
    everyProxy(proxies, 'read-mode', 'Rehearsed reads are off', one => one.readMode === 'primary'),
  ]
}

function switchChecks(_project: Project, { proxies }: Findings): Found[] {
  return [
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
  return [
    {
      key: 'no-clients',
      title: 'No client is left on the proxies',
      ok: clients === 0,
      text: `${clients} connection(s)`,
    },
    confirmation('on-target', 'Every client is connected to the target'),
  ]
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
