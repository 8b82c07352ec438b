/**
 * A request to the stand-in as its handlers see it, and the projects and issues that it names.
 * Used by the files of routes.
 * Spec: backlog-replication 1.5, 3.2.
 */
import { BacklogFailure, NotFound } from './bad-request.ts'
import { countOf, idRange } from './issue-query.ts'
import type { IssueRecord } from './issue-record.ts'
import { briefUser, isoSeconds, type Json, type JsonObject, userOf } from './payload.ts'
import type { Activity, Space } from './space.ts'

export interface Request {
  readonly space: Space
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly body: URLSearchParams
  readonly userId: number
  /** Whether `minId` and `maxId` include their row. */
  readonly isInclusive: boolean
}
export type Handler = (request: Request) => Json
/** Verb and shape; `*` is one part of the path, `~` all that is left. */
export type Route = readonly [string, Handler]

export function missing(what: string, id: string | undefined): never {
  throw new NotFound(`No such ${what}. (id: ${id})`)
}

/** The answer of a project that can be seen. */
export function of(_project: number, answer: Json): Json {
  return answer
}

export function usersOf(space: Space): JsonObject[] {
  return Array.from({ length: space.users }, (_, index) =>
    userOf(40_001 + index, Date.UTC(2026, 10, 1)),
  )
}

export function projectId({ space, params }: Request): number {
  return visible(space, params[0])
}

export function projectOfQuery({ space, query }: Request): number {
  return visible(space, query.get('projectIdOrKey') ?? undefined)
}

export function visible(space: Space, idOrKey: string | undefined): number {
  const project = space.project(idOrKey ?? '') ?? missing('project', idOrKey)
  const hidden = space.hiddenProjects.get(project.id)
  if (hidden === 403) throw new BacklogFailure(403, 5, 'No access to the project.')
  if (hidden === 404) missing('project', idOrKey)
  return project.id
}

export function issueOf({ space, params }: Request): IssueRecord {
  const key = params[0] ?? ''
  const issue = /^\d+$/.test(key) ? space.issues.get(Number(key)) : space.issueOfKey(key)
  if (issue === undefined) return missing('issue', key)
  visible(space, String(issue.projectId))
  return issue
}

/** A page of a list by ids. */
export function byId(request: Request, all: readonly JsonObject[], member = 'id'): Json {
  countOf(request.query)
  return idRange([...all], request.query, {
    id: one => Number(one[member]),
    isInclusive: request.isInclusive,
  })
}

export function activities(request: Request, fits: (one: Activity) => boolean): Json {
  const { space, query } = request
  const types = new Set(query.getAll('activityTypeId[]').map(Number))
  const all = space.activities.filter(one => fits(one) && (types.size === 0 || types.has(one.type)))
  return byId(
    request,
    all.map(one => activityOf(space, one)),
  )
}

export function activityOf(space: Space, one: Activity): JsonObject {
  const { id, type, projectId: project, content, userId, createdMs } = one
  const { key = '', name = '' } = space.project(project) ?? {}
  return {
    ...{ id, type, content, notifications: [] },
    project: { id: project, projectKey: key, name },
    createdUser: briefUser(userId),
    created: isoSeconds(createdMs),
  }
}
