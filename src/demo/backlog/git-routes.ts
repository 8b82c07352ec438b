/**
 * Git repositories and pull requests of the stand-in.
 * Called through `routes.ts`. Reading is pure.
 * Spec: backlog-replication 1.7, 1.9, 3.2.
 */
import { page } from './issue-query.ts'
import { attachment, type JsonObject } from './payload.ts'
import { byId, missing, projectId, type Request, type Route } from './request.ts'
import type { PullRecord } from './space-contents.ts'
import { repository } from './space-payload.ts'

const PULLS = 'projects/*/git/repositories/*/pullRequests'

const FILTERS = ['status', 'assignee', 'issue', 'createdUser']

export const GIT_ROUTES: readonly Route[] = [
  ['GET projects/*/git/repositories', request => repositoriesOf(projectId(request))],
  [
    `GET ${PULLS}`,
    request =>
      page(
        pullsOf(request).map(one => one.payload),
        request.query,
      ),
  ],
  [`GET ${PULLS}/count`, request => ({ count: pullsOf(request).length })],
  [`GET ${PULLS}/*/comments`, request => byId(request, pullOf(request).comments)],
  [`GET ${PULLS}/*/attachments`, request => pullAttachmentsOf(pullOf(request).payload)],
  [
    `GET ${PULLS}/*`,
    request => {
      const { payload } = pullOf(request)
      const issue = request.space.issues.get(880_001)
      return { ...payload, issue: issue === undefined ? null : request.space.render(issue) }
    },
  ],
]

export function repositoriesOf(project: number): JsonObject[] {
  return [repository(project, 5), repository(project, 6)]
}

/** With author and date, which the pull request itself leaves out. */
export function pullAttachmentsOf(payload: JsonObject): JsonObject[] {
  const all = (payload['attachments'] ?? []) as JsonObject[]
  return all.map(one => attachment(Number(one['id'])))
}

function pullsOf(request: Request): readonly PullRecord[] {
  const { space, query } = request
  const repository = repositoryId(request)
  const all = space.contents.pulls.get(repository) ?? missing('repository', String(repository))
  const active = FILTERS.map(name => ({
    name,
    ids: query.getAll(`${name}Id[]`).map(Number),
  })).filter(({ ids }) => ids.length > 0)
  const idOf = ({ payload }: PullRecord, name: string) =>
    (payload as JsonObject)[name] as JsonObject | null
  return all.filter(one =>
    active.every(({ name, ids }) => ids.includes(Number(idOf(one, name)?.['id'] ?? -1))),
  )
}

function pullOf(request: Request): PullRecord {
  const number = request.params[2]
  const found = request.space.contents.pull(repositoryId(request), Number(number))
  return found ?? missing('pull request', number)
}

/** The path names a repository by id or by name. */
function repositoryId(request: Request): number {
  const named = request.params[1] ?? ''
  const all = repositoriesOf(projectId(request))
  const found = all.find(one => String(one['id']) === named || one['name'] === named)
  return Number((found ?? missing('repository', named))['id'])
}
