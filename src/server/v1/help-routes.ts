/**
 * What the codes of errors mean: `GET /help/errors` and `GET /help/errors/{code}`, for the page that
 * every error links to. On every server that serves the page.
 * Invariant: it tells what is declared, so it is never behind the code.
 * Shapes: src/api-v1.ts. Spec: ui 4.2 (error), 6.
 */
import type { List } from '../../api-v1.ts'
import type { ErrorHelp } from '../../api-v1-help.ts'
import { declaredErrors } from '../../base/scamander-error.ts'
import { json, type Route } from '../route.ts'
import { problem, v1Route } from './problem.ts'

const BASE = '/api/v1/help/errors'

export function helpRoutes(): Route[] {
  return [
    v1Route({
      ...{ method: 'GET', path: BASE, summary: 'All codes of errors, with what to do.' },
      handle: () => json(200, { items: declaredErrors() } satisfies List<ErrorHelp>),
    }),
    v1Route({
      ...{ method: 'GET', path: `${BASE}/:code`, summary: 'What a code of an error means.' },
      handle: call => {
        const code = call.params['code'] ?? ''
        const found = declaredErrors().find(one => one.code === code)
        if (found === undefined) return problem(404, `there is no error with the code ${code}`)
        return json(200, found satisfies ErrorHelp)
      },
    }),
  ]
}
