/**
 * Levels by logger name, as the REST API of Kafka Connect sets them: names are parts with dots
 * between, a level holds for the name and everything below it, the nearest one counts.
 * Shared by all loggers of a process; a logger's name is `scamander`, its room and its connector.
 * Kafka's own names are known too: `org.apache.kafka.connect` reaches the room `connect`.
 * Invariant: setting a level forgets the levels set below it.
 * Spec: connect-rest 2.5.
 */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'off'] as const
export type Level = (typeof LEVELS)[number]

export interface NamedLevel {
  readonly name: string
  readonly level: Level
  /** Undefined: as it was at the start. */
  readonly modifiedAtMs: number | undefined
}

export const ROOT_LOGGER = 'root'

/** More names than these are refused, so that callers cannot fill the memory. */
const NAMES_MAX = 1_000

/** Where a room's messages stand in the products that it replaces. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  connect: 'org.apache.kafka.connect.runtime',
  server: 'org.apache.kafka.connect.runtime.rest',
  kafka: 'org.apache.kafka.clients',
  cassandra: 'com.datastax.oss.driver',
  sink: 'com.datastax.oss.kafka.sink',
}

interface Setting {
  level: Level
  modifiedAtMs: number | undefined
}

export class LogLevels {
  readonly #settings = new Map<string, Setting>()
  /** Names of loggers that exist. */
  readonly #known = new Set<string>()
  readonly #listeners = new Set<(name: string, level: Level) => void>()
  #version = 0

  constructor(level: Level) {
    this.#settings.set(ROOT_LOGGER, { level, modifiedAtMs: undefined })
  }

  /** Changes with every `set`: what was looked up before is stale. */
  get version(): number {
    return this.#version
  }

  /** A logger exists from now on. */
  know(name: string): void {
    if (this.#known.size < NAMES_MAX) this.#known.add(name)
  }

  /** The level that counts for a logger. */
  levelOf(name: string): Level {
    return this.#nearest(name).level
  }

  /** The names that changed: the logger and everything below it. Undefined: too many names. */
  set(name: string, level: Level, nowMs = Date.now()): string[] | undefined {
    const isBelow = (one: string) => name === ROOT_LOGGER || isWithin(one, name)
    const changed = new Set([...this.#names()].filter(isBelow))
    changed.add(name)
    if (!this.#settings.has(name) && this.#settings.size >= NAMES_MAX) return undefined
    for (const one of this.#settings.keys()) if (isBelow(one)) this.#settings.delete(one)
    this.#settings.set(name, { level, modifiedAtMs: nowMs })
    if (name === ROOT_LOGGER) this.#settings.set(ROOT_LOGGER, { level, modifiedAtMs: nowMs })
    this.#version++
    for (const listener of this.#listeners) listener(name, level)
    return [...changed].sort()
  }

  /** `listener` hears of every `set`, until the answer is called. */
  onSet(listener: (name: string, level: Level) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What was set, in an order in which it can be set again elsewhere. */
  settings(): { readonly name: string; readonly level: Level }[] {
    const all = [...this.#settings].map(([name, { level }]) => ({ name, level }))
    const depth = ({ name }: { name: string }) =>
      name === ROOT_LOGGER ? 0 : name.split('.').length
    return all.sort((a, b) => depth(a) - depth(b))
  }

  /** Names of loggers that exist. */
  get known(): ReadonlySet<string> {
    return this.#known
  }

  /** Undefined when there is no such logger. */
  get(name: string): NamedLevel | undefined {
    if (!this.#names().has(name)) return undefined
    return { name, ...this.#nearest(name) }
  }

  /** Every logger, sorted by name. */
  list(): NamedLevel[] {
    return [...this.#names()].sort().map(name => ({ name, ...this.#nearest(name) }))
  }

  #names(): Set<string> {
    return new Set([...this.#known, ...this.#settings.keys()])
  }

  #nearest(name: string): Setting {
    for (const candidate of [...ancestors(name), ...ancestors(elsewhere(name))]) {
      const found = this.#settings.get(candidate)
      if (found !== undefined) return found
    }
    return this.#settings.get(ROOT_LOGGER)!
  }
}

/** `a.b.c`, `a.b`, `a`. */
function ancestors(name: string): string[] {
  const parts = name === '' ? [] : name.split('.')
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('.'))
}

function isWithin(name: string, of: string): boolean {
  const other = elsewhere(name)
  return name === of || name.startsWith(`${of}.`) || other === of || other.startsWith(`${of}.`)
}

function elsewhere(name: string): string {
  const [product, room = '', ...rest] = name.split('.')
  const base = product === 'scamander' ? ELSEWHERE[room] : undefined
  return base === undefined ? '' : [base, ...rest].join('.')
}
