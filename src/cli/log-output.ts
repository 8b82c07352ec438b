/**
 * Where log lines go: standard error, as JSON for machines or as text for people. Text is the
 * default when standard error is a terminal.
 * Called once per command that runs servers. Results of commands go to standard output instead.
 * Spec: style, "Logs and metrics".
 */
import { type Level, Logger, type LogSink } from '../telemetry/index.ts'

export interface LogOptions {
  readonly level: Level
  readonly format: 'text' | 'json'
}

export function makeLogger({ level, format }: LogOptions): Logger {
  return format === 'json' ? Logger.create({ level }) : Logger.create({ level, sink: writeText })
}

const LEAD = new Set(['time', 'level', 'room', 'connector', 'task', 'msg'])

const writeText: LogSink = line => {
  process.stderr.write(`${toLogText(line)}\n`)
}

/** `12:00:01.000 WARN  users-sink/0 message  code=SCM_…` */
export function toLogText(line: Readonly<Record<string, unknown>>): string {
  const { time, level, connector, task, msg } = line
  const clock = String(time).slice(11, 23)
  const name = String(level).toUpperCase().padEnd(5)
  const where =
    connector === undefined ? '' : `${connector}${task === undefined ? '' : `/${task}`} `
  const rest = Object.entries(line)
    .filter(([key, value]) => !LEAD.has(key) && value !== undefined)
    .map(([key, value]) => `  ${key}=${value}`)
  return `${clock} ${name} ${where}${msg}${rest.join('')}`
}
