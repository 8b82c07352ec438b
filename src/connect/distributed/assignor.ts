/**
 * Decides which worker runs what. Called by the member that leads the group, once per round, with
 * what each member still has and what the leader remembers of the rounds before.
 * Invariants: a unit that some member still has goes to no other member in this round: first it is
 * taken back, the next round gives it on; what need not move stays; in the end counts of connectors
 * and of tasks differ by at most one between workers.
 * Work of a worker that vanished is held for its return for a while, then shared out.
 * Spec: connect-rest 7, 18.1, 18.3 (3, 4).
 */
import { minus, NO_WORK, shareOf, union, type WorkShare } from './work-share.ts'

export interface MemberView {
  readonly memberId: string
  /** Tells a worker that came back from a new one. */
  readonly workerUrl: string
  /** What it runs, or may be starting or stopping. */
  readonly owned: WorkShare
}

/** Work that waits for the return of its worker. */
interface Held {
  readonly share: WorkShare
  /** Monotonic. */
  readonly untilMs: number
}

/** What the leader keeps from round to round; a new leader begins with `NO_MEMORY`. */
export interface AssignorMemory {
  readonly given: ReadonlyMap<string, WorkShare>
  readonly held: ReadonlyMap<string, Held>
}

export const NO_MEMORY: AssignorMemory = { given: new Map(), held: new Map() }

export interface AssignorInput {
  readonly members: readonly MemberView[]
  /** Everything that is configured. */
  readonly work: WorkShare
  readonly memory: AssignorMemory
  readonly nowMs: number
  /** How long work of a vanished worker is held; 0: not at all. */
  readonly delayMsMax: number
}

export interface MemberShare {
  readonly assigned: WorkShare
  /** To be stopped, then the member joins again. */
  readonly revoked: WorkShare
}

export interface AssignorResult {
  readonly shares: ReadonlyMap<string, MemberShare>
  readonly memory: AssignorMemory
  /** When held work becomes free; undefined: none is held. */
  readonly nextAtMs: number | undefined
}

type Kind = keyof WorkShare
const KINDS: readonly Kind[] = ['connectors', 'tasks']

/** What is counted while one round is worked out. */
interface Load {
  readonly member: MemberView
  readonly connectors: Set<string>
  readonly tasks: Set<string>
}

export function assignWork(input: AssignorInput): AssignorResult {
  const { members, work, memory, nowMs } = input
  const twice = ownedTwice(members)
  const loads = members.map(member => toLoad(member, work, twice))
  const ownedByAny = members.map(one => one.owned).reduce(union, NO_WORK)
  const free = minus(work, ownedByAny)
  const held = heldWork(input, free)
  const heldShare = [...held.values()].map(one => one.share).reduce(union, NO_WORK)
  const assignable = minus(free, heldShare)
  for (const kind of KINDS) {
    giveBack(kind, loads, { assignable, memory })
    shareOut(kind, loads, assignable)
    takeFromTheLoaded(kind, loads)
  }
  const shares = new Map(
    loads.map(load => {
      const assigned = shareOf(load.connectors, load.tasks)
      const known = shareOf(
        load.member.owned.connectors.intersection(work.connectors),
        load.member.owned.tasks.intersection(work.tasks),
      )
      return [load.member.memberId, { assigned, revoked: minus(known, assigned) }]
    }),
  )
  const given = new Map(
    loads.map(load => [load.member.workerUrl, shares.get(load.member.memberId)!.assigned]),
  )
  const deadlines = [...held.values()].map(one => one.untilMs)
  const nextAtMs = deadlines.length === 0 ? undefined : Math.max(nowMs, Math.min(...deadlines))
  return { shares, memory: { given, held }, nextAtMs }
}

/** Two members that both have a unit: neither keeps it. Happens only when one was cast out. */
function ownedTwice(members: readonly MemberView[]): WorkShare {
  const twice = { connectors: new Set<string>(), tasks: new Set<string>() }
  for (const kind of KINDS) {
    const seen = new Set<string>()
    for (const { owned } of members) {
      for (const unit of owned[kind]) {
        if (seen.has(unit)) twice[kind].add(unit)
        seen.add(unit)
      }
    }
  }
  return twice
}

function toLoad(member: MemberView, work: WorkShare, twice: WorkShare): Load {
  const keeps = (kind: Kind) => member.owned[kind].intersection(work[kind]).difference(twice[kind])
  return { member, connectors: keeps('connectors'), tasks: keeps('tasks') }
}

/** Free work whose worker is away, with its deadline; a worker that is back ends the holding. */
function heldWork(input: AssignorInput, free: WorkShare): Map<string, Held> {
  const { memory, members, nowMs, delayMsMax } = input
  const present = new Set(members.map(one => one.workerUrl))
  const held = new Map<string, Held>()
  const hold = (url: string, share: WorkShare, untilMs: number) => {
    const left = shareOf(
      share.connectors.intersection(free.connectors),
      share.tasks.intersection(free.tasks),
    )
    if (present.has(url) || untilMs <= nowMs) return
    if (left.connectors.size + left.tasks.size > 0) held.set(url, { share: left, untilMs })
  }
  for (const [url, { share, untilMs }] of memory.held) hold(url, share, untilMs)
  for (const [url, share] of memory.given) {
    if (!memory.held.has(url)) hold(url, share, nowMs + delayMsMax)
  }
  return held
}

/** A worker that came back gets what it had, as far as that is its share. */
function giveBack(
  kind: Kind,
  loads: readonly Load[],
  from: { readonly assignable: WorkShare; readonly memory: AssignorMemory },
): void {
  const total = countAll(kind, loads) + from.assignable[kind].size
  const most = Math.ceil(total / loads.length)
  for (const load of loads) {
    const url = load.member.workerUrl
    const before = from.memory.held.get(url)?.share ?? from.memory.given.get(url) ?? NO_WORK
    for (const unit of before[kind].intersection(from.assignable[kind])) {
      if (load[kind].size < most && !isGiven(kind, loads, unit)) load[kind].add(unit)
    }
  }
}

function isGiven(kind: Kind, loads: readonly Load[], unit: string): boolean {
  return loads.some(load => load[kind].has(unit))
}

/** Each unit to the worker that has least of its kind; among equals, least of all. */
function shareOut(kind: Kind, loads: readonly Load[], assignable: WorkShare): void {
  const given = loads.map(load => load[kind]).reduce((a, b) => a.union(b), new Set<string>())
  const rest = [...assignable[kind].difference(given)].sort(byNameAndNumber)
  const sorted = [...loads].sort(compareUrls)
  for (const unit of rest) {
    const least = sorted.reduce((a, b) => (compareLoads(kind, b, a) < 0 ? b : a))
    least[kind].add(unit)
  }
}

/** Takes back what is beyond the share; it is given on in the next round. */
function takeFromTheLoaded(kind: Kind, loads: readonly Load[]): void {
  const total = countAll(kind, loads)
  const base = Math.floor(total / loads.length)
  let extra = total % loads.length
  const fullest = [...loads].sort((a, b) => b[kind].size - a[kind].size || compareUrls(a, b))
  for (const load of fullest) {
    const quota = extra > 0 ? base + 1 : base
    if (load[kind].size >= quota && extra > 0) extra -= 1
    const surplus = load[kind].size - quota
    if (surplus <= 0) continue
    const movable = [...load[kind]].filter(unit => load.member.owned[kind].has(unit))
    for (const unit of movable.sort(byNameAndNumber).slice(-surplus)) load[kind].delete(unit)
  }
}

function countAll(kind: Kind, loads: readonly Load[]): number {
  return loads.reduce((sum, load) => sum + load[kind].size, 0)
}

function compareLoads(kind: Kind, a: Load, b: Load): number {
  const all = (load: Load) => load.connectors.size + load.tasks.size
  return a[kind].size - b[kind].size || all(a) - all(b)
}

function compareUrls(a: Load, b: Load): number {
  return a.member.workerUrl < b.member.workerUrl ? -1 : 1
}

/** Tasks of one number together, so that those of one connector go to different workers. */
function byNameAndNumber(a: string, b: string): number {
  return a < b ? -1 : 1
}
