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
  const { space, params, query } = request
  projectId(request)
  const all = space.contents.pulls.get(Number(params[1])) ?? missing('repository', params[1])
  const states = query.getAll('statusId[]').map(Number)
  const stateOf = ({ payload }: PullRecord) => Number((payload['status'] as JsonObject)['id'])
  return states.length === 0 ? all : all.filter(one => states.includes(stateOf(one)))
}

function pullOf(request: Request): PullRecord {
  projectId(request)
  const [, repositoryId, number] = request.params
  const found = request.space.contents.pull(Number(repositoryId), Number(number))
  return found ?? missing('pull request', number)
}
