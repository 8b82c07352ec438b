/**
 * Errors of `/api/v1` as problem+json, and the checks that every call of it has.
 * Invariant: a call that changes something is refused when a page of another origin makes it.
 * Spec: backlog-replication 2.16.
 */
import type { Problem } from '../../api-v1.ts'
import {
  type ErrorKind,
  isScamanderError,
  messageOf,
  type ScamanderError,
} from '../../base/scamander-error.ts'
import { BROWSE_ERRORS } from '../../browse/index.ts'
import { MIGRATE_ERRORS } from '../../migrate/index.ts'
import { REPLICATE_ERRORS } from '../../replicate/index.ts'
import { isForeignCall } from '../foreign-call.ts'
import type { Answer, Call, Route } from '../route.ts'

const STATUS: Readonly<Record<ErrorKind, number>> = {
  config: 422,
  request: 404,
  data: 422,
  retriable: 503,
  disconnected: 503,
  fatal: 500,
  cancelled: 503,
}

const CONFLICTS = new Set([
  REPLICATE_ERRORS.CONFLICT.code,
  MIGRATE_ERRORS.PROJECT_STATE.code,
  BROWSE_ERRORS.CONFIRM.code,
  BROWSE_ERRORS.NOT_SET_UP.code,
])

export function v1Route(route: Route): Route {
  const takesBody = route.method !== 'GET' && route.method !== 'DELETE'
  return { ...route, takesBody, produces: 'any', handle: call => guarded(route, call) }
}

async function guarded(route: Route, call: Call): Promise<Answer> {
  try {
    if (route.method !== 'GET' && isForeignCall(call.headers))
      return problem(403, 'pages of other origins may not change anything here')
    return await route.handle(call)
  } catch (error) {
    return problemOf(error)
  }
}

function problemOf(error: unknown): Answer {
  if (!isScamanderError(error)) {
    if (error instanceof SyntaxError) return problem(400, `the body is no JSON: ${error.message}`)
    return problem(500, messageOf(error))
  }
  const status = statusOf(error)
  const field = error.context['field']
  const errors =
    field === undefined ? {} : { errors: [{ field: String(field), message: error.message }] }
  return problem(status, error.message, { code: error.code, advice: error.advice, ...errors })
}

function statusOf({ code, kind }: ScamanderError): number {
  if (code === REPLICATE_ERRORS.CHANGED.code) return 412
  return CONFLICTS.has(code) ? 409 : STATUS[kind]
}

export function problem(status: number, detail: string, more: Partial<Problem> = {}): Answer {
  const body: Problem = {
    type: more.code === undefined ? 'about:blank' : `/ui/help/errors/${more.code}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    ...more,
  }
  return { status, text: { body: JSON.stringify(body), type: 'application/problem+json' } }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  412: 'Changed meanwhile',
  422: 'Not accepted',
  503: 'Not available',
}
