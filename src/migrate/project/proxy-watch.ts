/**
 * Watches the proxies of the migrations that somebody looks at: what each says of itself now, and rates
 * of all together over the last hour, in memory.
 * Owned by the migration desk. Invariants: a proxy is asked at most once per step; a project that
 * nobody asks about for an hour is forgotten; a step without an answer is a gap.
 * Spec: live-migration 5 (status shown); ui 5.6.
 */
import type {
  MigrationProxies,
  MigrationProxy,
  MigrationProxyHistory,
} from '../../api-v1-migrations.ts'
import type { Project } from './project-store.ts'
import { type BySide, type ProxyReading, p99Ms } from './proxy-reading.ts'
import { fetchProxyState, type ProxyState } from './proxy-state.ts'

const STEP_MS = 5_000
const POINTS_MAX = 720
const IDLE_MS_MAX = 3_600_000

interface Point {
  readonly at: number
  readonly values: Readonly<Record<Key, number | null>>
}

type Key = (typeof KEYS)[number]

const KEYS = [
  ...['writes.source', 'writes.target', 'failed.source', 'failed.target'],
  ...['reads.source', 'reads.target', 'reads.both', 'p99.source', 'p99.target'],
  ...['oldest', 'different', 'lwtMismatches', 'clients'],
] as const

interface Watched {
  project: Project
  askedMs: number
  states: readonly ProxyState[]
  p99: ReadonlyMap<string, MigrationProxy['p99']>
  readAtMs: number
  readonly points: Point[]
  asking: Promise<void> | undefined
}

export class ProxyWatch {
  readonly #token: string | undefined
  readonly #watched = new Map<string, Watched>()
  readonly #timer: NodeJS.Timeout

  constructor(token: string | undefined) {
    this.#token = token
    this.#timer = setInterval(() => this.#step(), STEP_MS).unref()
  }

  async view(project: Project): Promise<MigrationProxies> {
    const known = this.#watched.get(project.name)
    const watched = known ?? toWatched(project)
    Object.assign(watched, { project, askedMs: Date.now() })
    this.#watched.set(project.name, watched)
    if (known === undefined) await this.#ask(watched)
    return {
      items: watched.states.map(one => shown(one, watched.p99)),
      history: historyOf(watched),
    }
  }

  /** After a change of a proxy: what is shown is asked anew. */
  async refresh(project: Project): Promise<MigrationProxies> {
    const watched = this.#watched.get(project.name)
    await watched?.asking
    if (watched !== undefined) {
      const states = await this.#fetch(project)
      watched.states = states
    }
    return await this.view(project)
  }

  /** Its proxies are others now. */
  forget(name: string): void {
    this.#watched.delete(name)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#watched.clear()
  }

  #step(): void {
    for (const [name, watched] of this.#watched) {
      if (Date.now() - watched.askedMs > IDLE_MS_MAX) this.#watched.delete(name)
      else void this.#ask(watched)
    }
  }

  async #ask(watched: Watched): Promise<void> {
    watched.asking ??= this.#read(watched).finally(() => {
      watched.asking = undefined
    })
    await watched.asking
  }

  async #read(watched: Watched): Promise<void> {
    const before = new Map(watched.states.map(one => [one.url, one.reading]))
    const states = await this.#fetch(watched.project)
    const nowMs = Date.now()
    const seconds = (nowMs - watched.readAtMs) / 1000
    const pairs = states.flatMap(({ url, reading }) => {
      const last = before.get(url)
      return reading === undefined || last === undefined ? [] : [{ url, last, now: reading }]
    })
    watched.states = states
    watched.readAtMs = nowMs
    watched.p99 = new Map(
      pairs.map(({ url, last, now }) => [
        url,
        {
          source: p99Ms(last.took.source, now.took.source),
          target: p99Ms(last.took.target, now.took.target),
        },
      ]),
    )
    watched.points.push({ at: Math.round(nowMs / 1000), values: valuesOf(pairs, seconds) })
    if (watched.points.length > POINTS_MAX) watched.points.shift()
  }

  async #fetch(project: Project): Promise<ProxyState[]> {
    return await Promise.all(project.proxies.map(url => fetchProxyState(url, this.#token)))
  }
}

interface Pair {
  readonly last: ProxyReading
  readonly now: ProxyReading
}

function toWatched(project: Project): Watched {
  return {
    ...{ project, askedMs: Date.now(), states: [], p99: new Map(), readAtMs: 0, points: [] },
    asking: undefined,
  }
}

function valuesOf(pairs: readonly Pair[], seconds: number): Point['values'] {
  if (pairs.length === 0) return Object.fromEntries(KEYS.map(key => [key, null])) as Point['values']
  const rate = (of: (reading: ProxyReading) => number) =>
    pairs.reduce((sum, { last, now }) => sum + Math.max(0, of(now) - of(last)), 0) / seconds
  const sides = (name: string, of: (reading: ProxyReading) => BySide) => ({
    [`${name}.source`]: rate(one => of(one).source),
    [`${name}.target`]: rate(one => of(one).target),
  })
  const slowest = (side: 'source' | 'target') => {
    const all = pairs.flatMap(({ last, now }) => p99Ms(last.took[side], now.took[side]) ?? [])
    return all.length === 0 ? null : Math.max(...all)
  }
  return {
    ...sides('writes', one => one.writes),
    ...sides('failed', one => one.failed),
    ...sides('reads', one => one.reads),
    'reads.both': rate(one => one.reads.both),
    'p99.source': slowest('source'),
    'p99.target': slowest('target'),
    oldest: Math.max(...pairs.map(({ now }) => now.oldest)),
    different: rate(one => one.different),
    lwtMismatches: rate(one => one.lwtMismatches),
    clients: pairs.reduce((sum, { now }) => sum + now.clients, 0),
  } as Point['values']
}

function historyOf({ points }: Watched): MigrationProxyHistory {
  const line = (key: Key) => points.map(one => one.values[key])
  const sides = (name: 'writes' | 'failed' | 'p99') => ({
    source: line(`${name}.source`),
    target: line(`${name}.target`),
  })
  return {
    times: points.map(one => one.at),
    ...{ writes: sides('writes'), failed: sides('failed'), p99: sides('p99') },
    reads: {
      ...{ source: line('reads.source'), target: line('reads.target') },
      both: line('reads.both'),
    },
    ...{ oldest: line('oldest'), different: line('different') },
    ...{ lwtMismatches: line('lwtMismatches'), clients: line('clients') },
  }
}

function shown(
  { url, problem, isReady, primary, readMode, clients, missedWrites }: ProxyState,
  p99: Watched['p99'],
): MigrationProxy {
  const took = p99.get(url) ?? { source: null, target: null }
  return {
    url,
    problem: problem ?? null,
    isReady,
    primary,
    readMode,
    clients,
    missedWrites,
    p99: took,
  }
}
