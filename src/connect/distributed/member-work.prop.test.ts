import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type AssignorMemory, assignWork, NO_MEMORY } from './assignor.ts'
import { MemberWork } from './member-work.ts'
import { minus, NO_WORK, shareOf, taskUnit, union, type WorkShare } from './work-share.ts'

/** What the membership's thread tells the main thread of a worker. */
interface Told {
  readonly assigned: WorkShare
  readonly stopping: WorkShare
  readonly generation: number
}

interface Released {
  readonly share: WorkShare
  readonly generation: number
}

/** A worker as the two threads of it are: what one tells the other arrives later. */
class Worker {
  readonly own = new MemberWork()
  readonly url: string
  readonly toMain: Told[] = []
  readonly toThread: Released[] = []
  /** Of the main thread: what runs, and what of it was told to stop. */
  readonly running = new Set<string>()
  readonly ending = new Set<string>()
  assigned: WorkShare = NO_WORK
  generation = -1
  /** Of the thread. */
  wantsToJoin = true
  offered: WorkShare | undefined
  answer: Omit<Told, 'stopping'> & { readonly revoked: WorkShare } = {
    assigned: NO_WORK,
    revoked: NO_WORK,
    generation: -1,
  }
  hasAnswer = false

  constructor(url: string) {
    this.url = url
  }

  take(): void {
    this.hasAnswer = false
    this.offered = undefined
    if (this.own.give(this.answer)) this.wantsToJoin = true
    const { assigned, generation } = this.answer
    this.toMain.push({ assigned, stopping: this.own.stopping, generation })
  }

  follow({ assigned, stopping, generation }: Told): void {
    this.assigned = assigned
    this.generation = generation
    for (const unit of this.running) if (!assigned.tasks.has(unit)) this.ending.add(unit)
    for (const unit of assigned.tasks) this.running.add(unit)
    this.#release([...stopping.tasks].filter(unit => !this.running.has(unit)))
  }

  end(unit: string): void {
    this.ending.delete(unit)
    if (this.assigned.tasks.has(unit)) return
    this.running.delete(unit)
    this.#release([unit])
  }

  hear({ share, generation }: Released): void {
    if (this.own.release(share, generation)) this.wantsToJoin = true
  }

  #release(units: readonly string[]): void {
    this.toThread.push({ share: shareOf([], units), generation: this.generation })
  }
}

/** The coordinator, its members, and the one that leads. */
class Group {
  readonly workers: Worker[]
  readonly work: WorkShare
  #memory: AssignorMemory = NO_MEMORY
  #generation = 0
  #count: number

  constructor(size: number, tasks: number) {
    this.workers = Array.from({ length: size }, (_, i) => new Worker(`w${i}`))
    this.#count = size
    this.work = shareOf(
      [],
      Array.from({ length: tasks }, (_, i) => taskUnit('c', i)),
    )
  }

  get isRebalancing(): boolean {
    return this.workers.some(one => one.wantsToJoin || (one.offered && !one.hasAnswer))
  }

  /** Everything that can happen next. */
  get moves(): (() => void)[] {
    const moves = this.workers.flatMap(worker => this.#movesOf(worker))
    if (this.workers.every(one => one.offered !== undefined && !one.hasAnswer)) {
      moves.push(() => this.#share())
    }
    return moves
  }

  /** Faults: they happen only when they are drawn. */
  get faults(): (() => void)[] {
    const lose = this.workers
      .filter(one => one.hasAnswer)
      .map(one => () => {
        one.hasAnswer = false
        one.offered = undefined
        one.wantsToJoin = true
      })
    const crash = () => {
      if (this.workers.length === 1) return
      this.workers.splice(this.#generation % this.workers.length, 1)
      this.workers[0]!.wantsToJoin = true
    }
    const arrive = () => {
      if (this.workers.length < 4) this.workers.push(new Worker(`w${this.#count++}`))
    }
    const again = () => {
      this.workers[this.#generation % this.workers.length]!.wantsToJoin = true
    }
    return [crash, arrive, arrive, again, ...lose]
  }

  #movesOf(worker: Worker): (() => void)[] {
    const moves: (() => void)[] = []
    if (worker.hasAnswer) moves.push(() => worker.take())
    else if (worker.offered === undefined && this.isRebalancing) {
      moves.push(() => {
        worker.wantsToJoin = false
        worker.offered = worker.own.owned
      })
    }
    if (worker.toMain.length > 0) moves.push(() => worker.follow(worker.toMain.shift()!))
    if (worker.toThread.length > 0) moves.push(() => worker.hear(worker.toThread.shift()!))
    for (const unit of worker.ending) moves.push(() => worker.end(unit))
    return moves
  }

  #share(): void {
    this.#generation += 1
    const members = this.workers.map(one => ({
      memberId: one.url,
      workerUrl: one.url,
      owned: one.offered!,
    }))
    const { work } = this
    const memory = this.#memory
    const result = assignWork({ members, work, memory, nowMs: 0, delayMsMax: 0 })
    this.#memory = result.memory
    for (const one of this.workers) {
      one.answer = { ...result.shares.get(one.url)!, generation: this.#generation }
      one.hasAnswer = true
    }
  }
}

/** Nothing runs twice, now. */
function check(group: Group): void {
  const seen = new Set<string>()
  for (const { running, url } of group.workers) {
    for (const unit of running) {
      if (seen.has(unit)) throw new Error(`${unit} runs on ${url} and elsewhere`)
      seen.add(unit)
    }
  }
}

const MOVES_MAX = 10_000

/** Any next move, as the number that was drawn has it. */
function moveOn(group: Group, { pick, count }: { pick: number; count: number }): void {
  let state = pick
  for (let i = 0; i < count; i++) {
    const { moves } = group
    if (moves.length === 0) return
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    moves[Math.floor(state / 1_000) % moves.length]!()
    check(group)
  }
}

it('gives every unit to one worker in the end, whatever is late or lost on the way', () => {
  const size = fc.record({
    workers: fc.integer({ min: 1, max: 3 }),
    tasks: fc.integer({ min: 1, max: 8 }),
  })
  const draws = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(size, draws, ({ workers, tasks }, picks) => {
      const group = new Group(workers, tasks)
      // Between two faults some of what can happen does, in any order.
      for (const pick of picks) {
        const { faults } = group
        faults[pick % faults.length]!()
        check(group)
        moveOn(group, { pick, count: pick % 50 })
      }
      moveOn(group, { pick: picks[0]!, count: MOVES_MAX })
      expect(group.moves).toEqual([])
      const counts = group.workers.map(one => one.running.size)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      const all = group.workers
        .map(one => shareOf([], one.running))
        .reduce((a, b) => union(a, b), NO_WORK)
      expect(minus(group.work, all)).toEqual(NO_WORK)
    }),
    { numRuns: 100 },
  )
})

const unit = shareOf([], ['c-0'])

it('joins again for what stopped while the round that takes it was under way', () => {
  const own = new MemberWork()
  own.give({ generation: 1, assigned: unit, revoked: NO_WORK })
  expect(own.give({ generation: 2, assigned: NO_WORK, revoked: unit })).toBe(false)
  // Another worker's round: this one still tells that it has the unit, which stops meanwhile.
  expect(own.owned).toEqual(unit)
  expect(own.release(unit, 2)).toBe(true)
  expect(own.give({ generation: 3, assigned: NO_WORK, revoked: unit })).toBe(true)
  expect(own.owned).toEqual(NO_WORK)
})

it('does not take for stopped what the main thread may have begun again', () => {
  const own = new MemberWork()
  own.give({ generation: 1, assigned: NO_WORK, revoked: NO_WORK })
  own.give({ generation: 2, assigned: unit, revoked: NO_WORK })
  own.give({ generation: 3, assigned: NO_WORK, revoked: unit })
  expect(own.release(unit, 1)).toBe(false)
  expect(own.owned).toEqual(unit)
  expect(own.release(unit, 3)).toBe(true)
  expect(own.owned).toEqual(NO_WORK)
})
