/**
 * The calls on loggers: their levels, here or on every worker of the cluster.
 * On the listeners of the REST API, or on those of `admin.listeners`.
 * Spec: connect-rest 2.5.
 */
import type { LoggerInfo } from '../api.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { CONNECT_ERRORS, type Herder } from '../connect/index.ts'
import { type Level, type Logger, type NamedLevel, ROOT_LOGGER } from '../telemetry/index.ts'
import { SERVER_ERRORS } from './errors.ts'
import { parseMember } from './request-body.ts'
import { type Answer, type Call, empty, json, type Route } from './route.ts'

const TO_LEVEL: Readonly<Record<string, Level>> = {
  ALL: 'trace',
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
  FATAL: 'error',
  OFF: 'off',
}

export function loggerRoutes(herder: Herder, logger: Logger): Route[] {
  const path = '/admin/loggers/:logger'
  return [
    {
      method: 'GET',
      path: '/admin/loggers',
      summary: 'Every logger with its level.',
      handle: () => json(200, allOf(logger)),
    },
    {
      method: 'GET',
      path,
      summary: 'The level of one logger.',
      handle: call => json(200, toInfo(find(logger, nameOf(call)))),
    },
    {
      method: 'PUT',
      path,
      summary: 'Sets the level of a logger and of those below it.',
      query: { scope: '`worker` (default): this worker; `cluster`: every worker' },
      body: '`{"level": "DEBUG"}`',
      takesBody: true,
      handle: call => setLevel(call, herder, logger),
    },
  ]
}

async function setLevel(call: Call, herder: Herder, logger: Logger): Promise<Answer> {
  const name = nameOf(call)
  const { level, text } = levelOf(call.body)
  const changed = logger.levels.set(name, level)
  if (changed === undefined) throw tooMany(name)
  if (call.query.get('scope')?.toLowerCase() !== 'cluster') return json(200, changed)
  await herder.setClusterLogLevel(name, text)
  return empty(204)
}

/** The level that a text of the REST API or of the config topic names; undefined: none. */
export function parseLogLevel(text: string): Level | undefined {
  return TO_LEVEL[text.toUpperCase()]
}

function allOf(logger: Logger): Record<string, LoggerInfo> {
  return Object.fromEntries(logger.levels.list().map(one => [one.name, toInfo(one)]))
}

function toInfo({ level, modifiedAtMs }: NamedLevel): LoggerInfo {
  return { level: level.toUpperCase(), last_modified: modifiedAtMs ?? null }
}

function nameOf(call: Call): string {
  const name = call.params['logger'] ?? ''
  return name === '' ? ROOT_LOGGER : name
}

function find(logger: Logger, name: string): NamedLevel {
  const found = logger.levels.get(name)
  if (found !== undefined) return found
  throw new ScamanderError(SERVER_ERRORS.UNKNOWN_LOGGER, `Logger ${name} not found.`)
}

function levelOf(body: string): { level: Level; text: string } {
  const text = parseMember(body, 'level')
  if (text === undefined) {
    const message = "Desired 'level' parameter was not specified in request."
    throw new ScamanderError(CONNECT_ERRORS.BAD_REQUEST, message)
  }
  const level = parseLogLevel(text)
  if (level !== undefined) return { level, text: text.toUpperCase() }
  throw new ScamanderError(SERVER_ERRORS.UNKNOWN_LOGGER, `invalid log level '${text}'.`)
}

function tooMany(name: string): ScamanderError {
  const message = `Logger ${name} not found, and levels are set for as many names as are kept.`
  return new ScamanderError(SERVER_ERRORS.UNKNOWN_LOGGER, message)
}
