/**
 * The one logger type: JSON lines with the fields time, level, room, component, task, msg, code.
 * Made in `main.ts`, handed down by parameter, narrowed by `child`. Row values and secrets are
 * never logged. Repeats of one warning are limited by `warnLimited`.
 * A logger's name is made of its room and connector; levels are set by name (log-levels.ts).
 */
import { isScamanderError, messageOf } from '../base/scamander-error.ts'
import { LEVELS, type Level, LogLevels, ROOT_LOGGER } from './log-levels.ts'

export interface LogFields {
  readonly [name: string]: string | number | boolean | undefined
}

export type LogSink = (line: Readonly<Record<string, unknown>>, level: Level) => void

interface Shared {
  readonly sink: LogSink
  readonly levels: LogLevels
  readonly lastMs: Map<string, number>
  readonly listeners: Set<LogSink>
}

const REPEAT_MS = 10_000
const REPEAT_KEYS_MAX = 1_000

export class Logger {
  readonly #shared: Shared
  readonly #fields: LogFields
  readonly #name: string
  /** The level that counted at `#version` of the levels. */
  #level: Level
  #version: number

  private constructor(shared: Shared, fields: LogFields) {
    this.#shared = shared
    this.#fields = fields
    this.#name = nameOf(fields)
    shared.levels.know(this.#name)
    this.#level = shared.levels.levelOf(this.#name)
    this.#version = shared.levels.version
  }

  static create(options: { level?: Level; sink?: LogSink; fields?: LogFields } = {}): Logger {
    const sink = options.sink ?? writeJsonLine
    const levels = new LogLevels(options.level ?? 'info')
    const shared = { sink, levels, lastMs: new Map(), listeners: new Set<LogSink>() }
    return new Logger(shared, options.fields ?? {})
  }

  /** Drops everything; for library use and tests. */
  static silent(): Logger {
    return Logger.create({ level: 'off', sink: () => undefined })
  }

  child(fields: LogFields): Logger {
    return new Logger(this.#shared, { ...this.#fields, ...fields })
  }

  get level(): Level {
    const { levels } = this.#shared
    if (this.#version !== levels.version) {
      this.#level = levels.levelOf(this.#name)
      this.#version = levels.version
    }
    return this.#level
  }

  /** Of every logger that came of the same `create`. */
  setLevel(level: Level): void {
    this.#shared.levels.set(ROOT_LOGGER, level)
  }

  get levels(): LogLevels {
    return this.#shared.levels
  }

  isEnabled(level: Level): boolean {
    return LEVELS.indexOf(level) >= LEVELS.indexOf(this.level)
  }

  trace(msg: string, fields?: LogFields): void {
    this.#write('trace', msg, fields)
  }

  debug(msg: string, fields?: LogFields): void {
    this.#write('debug', msg, fields)
  }

  info(msg: string, fields?: LogFields): void {
    this.#write('info', msg, fields)
  }

  /** Says what happened and what to do. */
  warn(msg: string, fields?: LogFields): void {
    this.#write('warn', msg, fields)
  }

  error(msg: string, error?: unknown, fields?: LogFields): void {
    const code = isScamanderError(error) ? { code: error.code } : {}
    const cause = error === undefined ? {} : { error: messageOf(error) }
    this.#write('error', msg, { ...cause, ...code, ...fields })
  }

  /** A warning of which at most one per `key` appears in ten seconds. */
  warnLimited(key: string, msg: string, fields?: LogFields): void {
    const { lastMs } = this.#shared
    const now = Date.now()
    if (now - (lastMs.get(key) ?? 0) < REPEAT_MS) return
    if (lastMs.size >= REPEAT_KEYS_MAX) lastMs.clear()
    lastMs.set(key, now)
    this.#write('warn', msg, fields)
  }

  /** A line that a logger of another thread made, which has judged its level. */
  pass(line: Readonly<Record<string, unknown>>, level: Level): void {
    this.#tell(line, level)
  }

  /** `listener` gets every line of every logger that came of the same `create`, until the answer is called. */
  onLine(listener: LogSink): () => void {
    const { listeners } = this.#shared
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  #tell(line: Readonly<Record<string, unknown>>, level: Level): void {
    const { sink, listeners } = this.#shared
    sink(line, level)
    for (const listener of listeners) listener(line, level)
  }

  #write(level: Level, msg: string, fields: LogFields | undefined): void {
    if (!this.isEnabled(level)) return
    const time = new Date().toISOString()
    this.#tell({ time, level, ...this.#fields, msg, ...fields }, level)
  }
}

function nameOf({ room, connector }: LogFields): string {
  const parts = [room, connector].filter(one => one !== undefined)
  return parts.length === 0 ? ROOT_LOGGER : ['scamander', ...parts].join('.')
}

function writeJsonLine(line: Readonly<Record<string, unknown>>): void {
  process.stderr.write(`${JSON.stringify(line)}\n`)
}
