/**
 * Finds the route of a call in a list that changes while the server listens: that of replication in a
 * group of workers, which is at one worker at a time. Used by shared-routes.ts.
 * Invariant: a path without variable parts goes before one with them, as in the HTTP library.
 * Spec: backlog-replication 2.16.
 */
import type { Route } from '../route.ts'

export interface FoundRoute {
  readonly route: Route
  /** Percent-decoded. */
  readonly params: Readonly<Record<string, string>>
}

interface Entry {
  readonly route: Route
  readonly parts: readonly string[]
  readonly variableCount: number
}

export class RouteTable {
  readonly #entries: readonly Entry[]

  constructor(routes: readonly Route[]) {
    this.#entries = routes
      .map(route => {
        const parts = partsOf(route.path)
        return { route, parts, variableCount: parts.filter(isVariable).length }
      })
      .sort((a, b) => a.variableCount - b.variableCount)
  }

  /** `path`: without the query. Undefined: there is none. */
  find(method: string, path: string): FoundRoute | undefined {
    const given = partsOf(path)
    for (const { route, parts } of this.#entries) {
      if (route.method !== method || parts.length !== given.length) continue
      if (!parts.every((part, at) => isVariable(part) || part === given[at])) continue
      const params = decoded(parts, given)
      if (params !== undefined) return { route, params }
    }
    return undefined
  }
}

function partsOf(path: string): string[] {
  return path.replace(/\/$/, '').split('/')
}

function isVariable(part: string): boolean {
  return part.startsWith(':')
}

function decoded(
  parts: readonly string[],
  given: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {}
  try {
    for (const [at, part] of parts.entries())
      if (isVariable(part)) params[part.slice(1)] = decodeURIComponent(given[at]!)
    return params
  } catch {
    // Percent signs that encode nothing name no route.
    return undefined
  }
}
