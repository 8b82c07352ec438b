import { describe, expect, it } from 'vitest'
import { checksOf, type Findings } from './checks.ts'
import type { Project } from './project-store.ts'
import type { ProxyState } from './proxy-state.ts'
import type { LastRun } from './run-history.ts'

const CLUSTER = {
  ...{ contactPoints: ['127.0.0.1:9042'], localDc: '', username: '', tls: false },
  ...{ ca: '', cert: '', key: '' },
}
const DUAL_MS = Date.now() - 60_000

function project(phase: number, more: Partial<Project> = {}): Project {
  return {
    ...{ name: 'shop', source: CLUSTER, target: CLUSTER, keyspace: 'shop', targetKeyspace: 'shop' },
    ...{ tables: [], proxies: ['http://127.0.0.1:28000'], phase, since: '', accepted: [] },
    ...{ dualSince: new Date(DUAL_MS).toISOString(), history: [], ...more },
  }
}

function proxy(more: Partial<ProxyState> = {}): ProxyState {
  const url = 'http://127.0.0.1:28000'
  const routing = { primary: 'source', readMode: 'primary' }
  return {
    url,
    problem: undefined,
    isReady: true,
    ...routing,
    clients: 3,
    missedWrites: 0,
    ...more,
  }
}

function run(startedMs: number, more: Partial<LastRun> = {}): LastRun {
  const ended = { runId: 1, endedMs: startedMs + 1_000, isEnded: true, openRanges: 0 }
  return { startedMs, ...ended, hasTimes: false, ...more }
}

function findings(more: Partial<Findings> = {}): Findings {
  return {
    ...{ source: undefined, target: undefined, problems: { source: 'gone', target: 'gone' } },
    tables: {
      findings: [{ table: 'users', state: 'green', reasons: [] }],
      gcGraceSecondsMin: 864_000,
    },
    ...{ tableProblem: '', proxies: [proxy()] },
    lastRun: (_table, type) => run(DUAL_MS + (type === 'MIGRATE' ? 1_000 : 3_000)),
    ...more,
  }
}

/** The checks that keep the phase from ending. */
function open(phase: number, more: Partial<Findings> = {}, of: Partial<Project> = {}): string[] {
  const checks = checksOf(project(phase, of), findings(more))
  return checks.filter(one => one.state === 'failed').map(one => one.key)
}

type LastRuns = Partial<Record<'MIGRATE' | 'VALIDATE', LastRun>>
const runs = (of: LastRuns) => ({
  lastRun: (_table: string, type: 'MIGRATE' | 'VALIDATE') => of[type],
})

describe('checks', () => {
  it('a plan needs both clusters', () => {
    expect(open(0)).toEqual(['source-reached', 'target-reached', 'partitioner'])
  })

  it.each<[string, string[], Partial<ProxyState>[]]>([
    ['is well', [], [{}]],
    ['there is none', ['proxies', 'primary-source', 'clients', 'missed-writes'], []],
    ['a cluster is down', ['proxies'], [{}, { isReady: false }]],
    ['nobody is connected', ['clients'], [{ clients: 0 }]],
    ['the target missed a write', ['missed-writes'], [{}, { missedWrites: 1 }]],
    ['one reads from the target', ['primary-source'], [{ primary: 'target' }, {}]],
  ])('proxies: %s', (_what, keys, states) => {
    const proxies = states.map(one => proxy(one))
    expect(open(1, { proxies })).toEqual([...keys, 'all-writers'])
    expect(open(1, { proxies }, { accepted: ['all-writers'] })).toEqual(keys)
  })

  it.each<[string, string[], LastRuns]>([
    ['well', [], { MIGRATE: run(DUAL_MS + 1), VALIDATE: run(DUAL_MS + 2_000) }],
    ['not copied', ['copied'], { VALIDATE: run(DUAL_MS) }],
    ['copied too early', ['copied'], { MIGRATE: run(DUAL_MS - 1), VALIDATE: run(DUAL_MS + 2_000) }],
    [
      'interrupted',
      ['copied'],
      { MIGRATE: run(DUAL_MS + 1, { isEnded: false }), VALIDATE: run(DUAL_MS + 2_000) },
    ],
    ['not validated', ['validated'], { MIGRATE: run(DUAL_MS + 1) }],
    ['validated too early', ['validated'], { MIGRATE: run(DUAL_MS + 1), VALIDATE: run(DUAL_MS) }],
    [
      'different',
      ['validated'],
      { MIGRATE: run(DUAL_MS + 1), VALIDATE: run(DUAL_MS + 2_000, { openRanges: 1 }) },
    ],
  ])('copy: %s', (_what, keys, of) => {
    expect(open(2, runs(of))).toEqual(keys)
  })

  it('tombstones that may be gone keep a copy from being done', () => {
    const tables = { findings: [], gcGraceSecondsMin: 30 }
    expect(open(2, { tables })).toEqual(['gc-grace'])
    expect(open(2, { tables }, { accepted: ['gc-grace'] })).toEqual([])
  })

  it('what is seen for sure is not accepted, and entries stand apart', () => {
    const proxies = [proxy({ isReady: false })]
    expect(open(1, { proxies }, { accepted: ['proxies', 'all-writers'] })).toEqual(['proxies'])
    const of = checksOf(project(1), findings())
    expect(of.filter(one => one.when === 'entry').map(one => one.key)).toEqual(['tables'])
    expect(of.filter(one => !one.acceptable).map(one => one.key)).toEqual([
      'proxies',
      'primary-source',
    ])
  })

  it('reads are switched on every proxy, then nobody is left on one', () => {
    expect(open(3, { proxies: [proxy({ readMode: 'dual-async' })] })).toEqual([
      'rehearsed',
      'read-mode',
    ])
    expect(open(4, { proxies: [proxy({ primary: 'target' }), proxy()] })).toContain(
      'primary-target',
    )
    const switched = proxy({ primary: 'target' })
    expect(open(5)).toEqual(['primary-target', 'no-clients', 'on-target'])
    expect(open(5, { proxies: [switched] })).toEqual(['no-clients', 'on-target'])
    const stopped = proxy({ clients: 0, problem: 'gone', primary: '' })
    expect(open(5, { proxies: [stopped] })).toEqual(['on-target'])
    expect(open(6)).toEqual([])
  })
})
