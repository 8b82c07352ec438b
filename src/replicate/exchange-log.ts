/**
 * Requests to Backlog in the log of a run, where the job wants them: lines and headers, and the bodies of
 * answers cut short. Used by the engine for every caller of Backlog.
 * Invariant: nothing is kept of requests unless the job's log level asks for it.
 * Spec: backlog-replication 2.13.
 */
import type { Caller, Exchange } from '../backlog/index.ts'
import type { LiveRun, LiveTask } from './run-state.ts'

const BODY_CHARS_MAX = 4_096

export function exchangeLog(
  run: LiveRun,
  lives: readonly LiveTask[],
): Pick<Caller, 'onExchange'> | undefined {
  const level = run.transferLevel
  if (level === undefined) return undefined
  const task = lives.map(one => one.table).join(', ')
  const onExchange = (one: Exchange) => {
    run.log('transfer', lineOf(one), task)
    if (level === 'verbose') run.log('verbose', cut(one.body), task)
  }
  return { onExchange }
}

function lineOf({ request, requestHeaders, status, headers, tookMs, body }: Exchange): string {
  const result = status === 0 ? `no answer: ${body}` : String(status)
  return `${request} ${textOf(requestHeaders)} → ${result} in ${tookMs} ms ${textOf(headers)}`
}

function textOf(headers: Readonly<Record<string, string>>): string {
  const parts = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return parts.length === 0 ? '' : `[${parts.join('; ')}]`
}

function cut(body: string): string {
  if (body.length <= BODY_CHARS_MAX) return body
  return `${body.slice(0, BODY_CHARS_MAX)}… (${body.length} characters)`
}
