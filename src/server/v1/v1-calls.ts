/**
 * What the routes of `/api/v1` share: rows of a table of routes, bodies, lists, who calls, the audit.
 * Used by the files of routes beside it.
 * Spec: backlog-replication 2.16.
 */
import type { ChangeOf, Replicator } from '../../replicate/index.ts'
import { type Answer, type Call, json } from '../route.ts'
import type { RouteShapes } from './open-api.ts'
import { callerOf } from './rights.ts'

export type Handle = (call: Call) => Answer | Promise<Answer>
/** `GET /jobs/:id`, below `/api/v1`. */
export type Row = readonly [at: string, summary: string, handle: Handle, shapes?: RouteShapes]

export function items(all: readonly unknown[]): Answer {
  return json(200, { items: all })
}

export function body<T>(call: Call): T {
  const value: unknown = JSON.parse(call.body === '' ? '{}' : call.body)
  if (value === null || typeof value !== 'object') throw new SyntaxError('expected an object')
  return value as T
}

export function id(call: Call): string {
  return call.params['id'] ?? ''
}

/** Who changes something, and which version of it the caller has seen (`If-Match`). */
export function changeOf(call: Call): ChangeOf {
  const match = call.headers['if-match']
  const by = userOf(call)
  if (match === undefined || match.trim() === '*') return { by }
  return { by, version: Number(match.replace(/^W\//, '').replaceAll('"', '')) }
}

export function audit(
  replicator: Replicator,
  call: Call,
  [action, object, detail]: readonly [string, string, string?],
): void {
  const { name, token } = callerOf(call)
  const by = token === undefined ? undefined : `by the token ${token}`
  const told = [detail, by].filter(one => one !== undefined).join(', ')
  replicator.audit(name, action, object, told)
}

/** The name of a login, or of the owner of a token; else the person at this machine. */
export function userOf(call: Call): string {
  return callerOf(call).name
}
