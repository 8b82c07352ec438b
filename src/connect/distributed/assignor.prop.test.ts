import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type AssignorMemory, assignWork, type MemberView, NO_MEMORY } from './assignor.ts'
import { minus, NO_WORK, shareOf, taskUnit, union, type WorkShare } from './work-share.ts'

/** Members as they are between two rounds: what they run, by worker url. */
type Cluster = Map<string, WorkShare>

interface Step {
  readonly join: readonly number[]
  readonly leave: readonly number[]
  /** Tasks per connector; connectors are numbered. */
  readonly tasks: readonly number[]
  /** How far the clock moves. */
  readonly passMs: number
}

const step = fc.record({
  join: fc.array(fc.nat(5), { maxLength: 3 }),
  leave: fc.array(fc.nat(5), { maxLength: 2 }),
  tasks: fc.array(fc.nat(5), { maxLength: 12 }),
  passMs: fc.nat(2_000),
})

const DELAY_MS = 1_000

function workOf({ tasks }: Step): WorkShare {
  const names = tasks.map((_, index) => `c-${index}`)
  const units = tasks.flatMap((count, index) =>
    Array.from({ length: count }, (_, task) => taskUnit(`c-${index}`, task)),
  )
  return shareOf(names, units)
}

function round(cluster: Cluster, work: WorkShare, from: { memory: AssignorMemory; nowMs: number }) {
  const members: MemberView[] = [...cluster].map(([url, owned]) => ({
    memberId: `m ${url}`,
    workerUrl: url,
    owned,
  }))
  const result = assignWork({ members, work, ...from, delayMsMax: DELAY_MS })
  checkRound(members, work, result.shares)
  const isMoving = [...result.shares.values()].some(
    ({ revoked }) => revoked.connectors.size + revoked.tasks.size > 0,
  )
  for (const url of cluster.keys()) cluster.set(url, result.shares.get(`m ${url}`)!.assigned)
  return { ...result, isMoving }
}

/** No unit has two owners: what is assigned to one is had by no other member. */
function checkRound(
  members: readonly MemberView[],
  work: WorkShare,
  shares: ReturnType<typeof assignWork>['shares'],
): void {
  for (const kind of ['connectors', 'tasks'] as const) {
    const seen = new Set<string>()
    for (const member of members) {
      const { assigned, revoked } = shares.get(member.memberId)!
      for (const unit of assigned[kind]) {
        expect(work[kind].has(unit)).toBe(true)
        expect(seen.has(unit)).toBe(false)
        seen.add(unit)
        const elsewhere = members.some(one => one !== member && one.owned[kind].has(unit))
        expect(elsewhere).toBe(false)
      }
      const given = assigned[kind].union(revoked[kind])
      for (const unit of member.owned[kind].intersection(work[kind])) {
        expect(given.has(unit)).toBe(true)
      }
    }
  }
}

function spread(cluster: Cluster, kind: keyof WorkShare): number {
  const counts = [...cluster.values()].map(share => share[kind].size)
  return Math.max(...counts) - Math.min(...counts)
}

it('never gives a unit two owners, comes to balance, and then stands still', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), steps => {
      const cluster: Cluster = new Map([['w0', NO_WORK]])
      let memory = NO_MEMORY
      let nowMs = 0
      for (const one of steps) {
        nowMs += one.passMs
        for (const index of one.leave) if (cluster.size > 1) cluster.delete(`w${index}`)
        for (const index of one.join) {
          if (!cluster.has(`w${index}`)) cluster.set(`w${index}`, NO_WORK)
        }
        const work = workOf(one)
        memory = round(cluster, work, { memory, nowMs }).memory
      }
      const work = workOf(steps.at(-1)!)
      // Two rounds at most: one takes back, one gives; then another pair once the delay is over.
      nowMs += DELAY_MS + 1
      for (let i = 0; i < 4; i++) memory = round(cluster, work, { memory, nowMs }).memory
      expect(spread(cluster, 'connectors')).toBeLessThanOrEqual(1)
      expect(spread(cluster, 'tasks')).toBeLessThanOrEqual(1)
      const all = [...cluster.values()].reduce(union, NO_WORK)
      expect(minus(work, all)).toEqual(NO_WORK)
      const before = new Map(cluster)
      const last = round(cluster, work, { memory, nowMs })
      expect(last.isMoving).toBe(false)
      expect(cluster).toEqual(before)
    }),
    { numRuns: 100 },
  )
})

it('moves no more than a newcomer needs', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 60 }), (size, count) => {
      const cluster: Cluster = new Map()
      for (let index = 0; index < size; index++) cluster.set(`w${index}`, NO_WORK)
      const work = shareOf(
        [],
        Array.from({ length: count }, (_, i) => taskUnit('c', i)),
      )
      let memory = round(cluster, work, { memory: NO_MEMORY, nowMs: 0 }).memory
      const before = new Map(cluster)
      cluster.set('new', NO_WORK)
      for (let i = 0; i < 2; i++) memory = round(cluster, work, { memory, nowMs: 0 }).memory
      const moved = [...before].reduce(
        (sum, [url, share]) => sum + share.tasks.difference(cluster.get(url)!.tasks).size,
        0,
      )
      expect(moved).toBe(cluster.get('new')!.tasks.size)
      expect(moved).toBeLessThanOrEqual(Math.ceil(count / (size + 1)))
    }),
    { numRuns: 100 },
  )
})

it('holds the work of a lost worker, gives it back on return, shares it out after the delay', () => {
  const work = shareOf(['a', 'b', 'c'], ['a-0', 'b-0', 'c-0'])
  const start = (): Cluster => new Map(['w0', 'w1', 'w2'].map(url => [url, NO_WORK]))
  const cluster = start()
  const first = round(cluster, work, { memory: NO_MEMORY, nowMs: 0 })
  const lost = cluster.get('w1')!
  cluster.delete('w1')
  const held = round(cluster, work, { memory: first.memory, nowMs: 10 })
  expect(held.nextAtMs).toBe(10 + DELAY_MS)
  expect([...cluster.values()].map(share => share.tasks.size)).toEqual([1, 1])
  const after = new Map(cluster)
  const late = round(after, work, { memory: held.memory, nowMs: 10 + DELAY_MS })
  expect(late.nextAtMs).toBeUndefined()
  expect([...after.values()].reduce(union, NO_WORK)).toEqual(work)
  cluster.set('w1', NO_WORK)
  round(cluster, work, { memory: held.memory, nowMs: 500 })
  expect(cluster.get('w1')).toEqual(lost)
})

it('takes a unit that two members have from both', () => {
  const both = shareOf(['a'], ['a-0'])
  const members = ['w0', 'w1'].map(url => ({ memberId: url, workerUrl: url, owned: both }))
  const { shares } = assignWork({
    members,
    work: both,
    memory: NO_MEMORY,
    nowMs: 0,
    delayMsMax: DELAY_MS,
  })
  for (const share of shares.values()) expect(share).toEqual({ assigned: NO_WORK, revoked: both })
})
