/**
 * The resources of the stand-in below `/api/v2`: patterns and what they answer with.
 * Called by the server after credentials, limits and faults.
 * Invariant: of two patterns that fit, the first counts: words stand before `*`.
 * Spec: backlog-replication 1.7, 1.9, 3.2.
 */
import { GIT_ROUTES } from './git-routes.ts'
import { ISSUE_ROUTES } from './issue-routes.ts'
import { PROJECT_ROUTES } from './project-routes.ts'
import type { Handler, Route } from './request.ts'
import { SPACE_ROUTES } from './space-routes.ts'
import { WIKI_ROUTES } from './wiki-routes.ts'

const ROUTES: readonly Route[] = [
  ...SPACE_ROUTES,
  ...GIT_ROUTES,
  ...PROJECT_ROUTES,
  ...ISSUE_ROUTES,
  ...WIKI_ROUTES,
]

/** The handler and its parts of the path. */
export function routeOf(
  method: string,
  path: string,
): { handle: Handler; params: string[] } | undefined {
  for (const [pattern, handle] of ROUTES) {
    const [verb, shape] = pattern.split(' ') as [string, string]
    if (verb !== method) continue
    const match = new RegExp(`^${shape.replaceAll('*', '([^/]+)').replace('~', '(.*)')}$`).exec(
      path,
    )
    if (match !== null) return { handle, params: match.slice(1).map(decodeURIComponent) }
  }
  return undefined
}
