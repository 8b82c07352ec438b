/**
 * What needs attention: the list keeps since when, connectors that fall behind, channels, jobs, certificates.
 */
import { describe, expect, it } from 'vitest'
import type { CaptureChannel } from '../../api.ts'
import type { JobInfo } from '../../api-v1.ts'
import type { SchemaChange } from '../../api-v1-tasks.ts'
import { Logger } from '../../telemetry/index.ts'
import { AttentionDesk, type AttentionFinding } from './attention-desk.ts'
import { channelFinding } from './capture-attention.ts'
import { findingOf, LagWatch } from './connector-attention.ts'
import { jobFindings, schemaFindings } from './job-attention.ts'
import { certificateFinding } from './server-attention.ts'

const finding = (
  key: string,
  role: 'error' | 'warn' = 'warn',
  since?: string,
): AttentionFinding => ({
  ...{
    key,
    kind: 'failed',
    role,
    section: 'connectors',
    id: key,
    name: key,
    what: 'w',
    cause: null,
  },
  ...(since === undefined ? {} : { since }),
})

describe('the list', () => {
  it('has errors first, then what lasts longest, and tells when the last problem ended', async () => {
    const desk = new AttentionDesk(Logger.silent(), { freshMs: 0 })
    const found = [
      finding('b', 'warn', '2026-01-02T00:00:00Z'),
      finding('a', 'warn', '2026-01-01T00:00:00Z'),
      finding('c', 'error'),
    ]
    desk.add({ read: () => found })
    const first = await desk.list()
    expect(first.items.map(one => one.key)).toEqual(['c', 'a', 'b'])
    expect(first.lastProblemAt).toBeNull()
    const { since } = first.items[0]!
    found.splice(0, 1)
    const second = await desk.list()
    expect([second.items[0]?.since, Number(second.lastProblemAt! >= since)]).toEqual([since, 1])
    desk.close()
  })

  it('keeps what a source told that cannot be read now', async () => {
    const desk = new AttentionDesk(Logger.silent(), { freshMs: 0 })
    let isBroken = false
    const read = () => {
      if (isBroken) throw new Error('gone')
      return [finding('a')]
    }
    const forget = desk.add({ read, lastProblemAt: () => '2026-01-01T00:00:00Z' })
    await desk.list()
    isBroken = true
    const { items, lastProblemAt } = await desk.list()
    expect([items.length, lastProblemAt]).toEqual([1, '2026-01-01T00:00:00Z'])
    forget()
    expect((await desk.list()).items).toEqual([])
    desk.close()
  })

  it('keeps its list when a source does not know when it last had a problem', async () => {
    const desk = new AttentionDesk(Logger.silent(), { freshMs: 0 })
    const lastProblemAt = () => {
      throw new Error('closed')
    }
    desk.add({ read: () => [finding('a')], lastProblemAt })
    const { items, lastProblemAt: problemAt } = await desk.list()
    expect([items.length, problemAt]).toEqual([1, null])
    desk.close()
  })
})

describe('connectors', () => {
  const worker = { worker_id: 'w' }
  const status = (...states: ('RUNNING' | 'FAILED')[]) => ({
    status: {
      ...{ name: 'a', type: 'sink' as const, connector: { state: 'RUNNING' as const, ...worker } },
      tasks: states.map((state, id) => ({
        ...{ id, state, ...worker },
        ...(state === 'FAILED' ? { trace: 'io.some.Exception: no node\n\tat x' } : {}),
      })),
    },
  })

  it.each([
    [status('RUNNING'), undefined, []],
    [status('FAILED'), 9, ['error', 'failed: its task', 'Exception: no node']],
    [
      status('FAILED', 'RUNNING'),
      undefined,
      ['warn', 'degraded: 1 of 2 tasks failed', 'Exception: no node'],
    ],
    [status('RUNNING'), 5000, ['warn', 'falling behind: 5000 records more than 10 min ago']],
  ])('%#', (one, grown, expected) => {
    const [found] = findingOf('a', one, { grown })
    expect(found === undefined ? [] : [found.role, found.what, found.cause]).toEqual(
      expected.length === 3 || expected.length === 0 ? expected : [...expected, expect.any(String)],
    )
  })

  it('are told when records fail again and again, or a server does not answer', () => {
    const since = new Date(Date.now() - 14_500).toISOString()
    const trouble = {
      ...{ task: 0, record: 't-0@1', since, code: 'C', message: 'no note', advice: 'a' },
      ...{ isRecord: true, attempts: 3 },
    }
    const wait = { task: 0, server: 'Cassandra' as const, node: 'n:9042', since, inFlight: 512 }
    const told = (of: Parameters<typeof findingOf>[2], one = status('RUNNING')) =>
      findingOf('a', one, of).map(({ kind, role, what, cause }) => [kind, role, what, cause])
    expect(told({ troubles: [{ ...trouble, attempts: 1 }] })).toEqual([])
    expect(told({ troubles: [trouble], grown: 9_000 })).toEqual([
      ['retrying', 'warn', 'retrying 1 record: t-0@1, 3 attempts', 'no note'],
    ])
    expect(told({ waits: [wait, wait] })).toEqual([
      [
        ...['waiting', 'error', 'Cassandra has not answered for 14 s (in flight 512)'],
        'n:9042 is stopped, overloaded or cut off; what waits is written when it answers.',
      ],
    ])
    const connector = { state: 'PAUSED' as const, ...worker }
    const paused = { status: { ...status('RUNNING').status, connector } }
    expect(findingOf('a', paused, { troubles: [trouble] })).toEqual([])
    expect(told({ waits: [wait] }, status('FAILED')).map(([kind]) => kind)).toEqual(['failed'])
  })

  it('fall behind when their lag grew for ten minutes, not when it went down in between', () => {
    const counters = (name: string, lag: number) => ({
      ...{ name, lag, read: 0, written: 0, failed: 0, deadLetters: 0 },
      ...{ troubles: [], waits: [] },
    })
    const watch = new LagWatch()
    let last: ReadonlyMap<string, number> = new Map()
    for (let step = 0; step <= 20; step++) {
      const lags = [counters('grows', step * 100), counters('waves', (step % 2) * 9_000)]
      last = watch.offer(lags, step * 30_000)
    }
    expect([...last]).toEqual([['grows', 2_000]])
    expect([...watch.offer([], 700_000)]).toEqual([])
  })
})

describe('channels', () => {
  const channel = (state: string, lagSeconds = 0) =>
    ({
      ...{ sourceKeyspace: 'k', sourceTable: 't', destination: 'd', dataCenterId: 'dc' },
      stats: { state, lagSeconds, queued: 7, error: null },
    }) as unknown as CaptureChannel

  it.each([
    ['TETHERED', 1, []],
    ['PAUSED', 1, []],
    ['FAILED', 0, ['error']],
    ['WAITING', 0, ['warn']],
    ['TETHERED', 90, ['warn']],
  ])('%s, %i s', (state, lagSeconds, roles) => {
    expect(channelFinding(channel(state, lagSeconds)).map(one => one.role)).toEqual(roles)
  })
})

describe('jobs', () => {
  const rows = { read: 0, inserted: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 0 }
  const job = (state: string, parkedDeletes = 0) =>
    ({
      ...{ id: 'j', name: 'Nightly' },
      lastRun: {
        ...{ id: 'r', state, rows, startedAt: '2026-01-01T00:00:00Z', finishedAt: null },
        ...{ error: null, text: 'text' },
      },
      tasks: [{ title: 'Issues', lastRun: { parkedDeletes } }],
    }) as unknown as JobInfo
  const alert = (acknowledgedBy: string | null) => ({
    ...{ id: 1, time: '2026-01-01T00:00:00Z', rule: 'no_rows' as const, jobId: 'j', runId: 'r' },
    ...{ jobName: 'Nightly', text: 'Nightly wrote no rows in 3 runs', count: 1, acknowledgedBy },
  })

  it('are told by their last run, its held deletes and rows that stay away', () => {
    const kinds = (one: JobInfo, alerts = [alert(null)]) =>
      jobFindings(one, alerts).map(({ kind, what }) => `${kind}: ${what}`)
    expect(kinds(job('SUCCESS'), [])).toEqual([])
    expect(kinds(job('FAILED'), [])).toEqual(['failed: its last run failed'])
    expect(kinds(job('WARNING', 4))).toEqual([
      'rows: wrote no rows in 3 runs',
      'deletes: held back 4 deletes, which wait for a decision',
    ])
    expect(kinds(job('SUCCESS'), [alert('somebody')])).toEqual([])
  })
})

it('changes of a schema are told while they wait', () => {
  const change = (id: string, state: SchemaChange['state']): SchemaChange => ({
    ...{ id, state, kind: 'column_added', taskId: 't', table: 'Issues', column: id, from: null },
    ...{ to: 'text', text: `Issues has a new column ${id}`, ways: [], runId: 'r' },
    ...{ foundAt: `2026-01-0${id}T00:00:00Z`, decidedAt: null },
  })
  const of = { id: 'j', name: 'Nightly' }
  expect(schemaFindings(of, [change('1', 'applied')])).toEqual([])
  const [told] = schemaFindings(of, [change('3', 'pending'), change('2', 'pending')])
  expect([told?.what, told?.cause]).toEqual([
    "2 changes of the source's schema to approve",
    'Issues has a new column 2',
  ])
})

it('a certificate is told two weeks before its end', () => {
  const day = 86_400_000
  const told = (days: number) =>
    certificateFinding('n', days * day, 0).map(one => `${one.role} ${one.what}`)
  expect(told(15)).toEqual([])
  expect(told(14)).toEqual(['warn its certificate ends in 14 days'])
  expect(told(-1)).toEqual(['error its certificate has ended'])
})
