/**
 * Resources of the stand-in that belong to a project: its settings, people and files.
 * Called through `routes.ts`. Reading is pure.
 * Spec: backlog-replication 1.7, 1.9, 3.2.
 */
import { page } from './issue-query.ts'
import { categoryOf, milestoneOf } from './issue-record.ts'
import { briefUser, type JsonObject, STATUSES, statusOf } from './payload.ts'
import { activities, missing, of, projectId, type Request, type Route, usersOf } from './request.ts'
import { customFieldsOf, projectOf, stamps, teamOf, USAGE } from './space-payload.ts'

export const PROJECT_ROUTES: readonly Route[] = [
  [
    'GET projects',
    ({ space, query }) =>
      space.projects
        .map((_, index) => projectOf(space, index))
        .filter(one => !space.hiddenProjects.has(Number(one['id'])))
        .filter(
          one =>
            query.get('archived') === null || String(one['archived']) === query.get('archived'),
        ),
  ],
  ['GET projects/*/statuses', request => statusesOf(projectId(request))],
  ['GET projects/*/issueTypes', request => issueTypesOf(projectId(request))],
  ['GET projects/*/categories', request => categoriesOf(projectId(request))],
  [
    'GET projects/*/versions',
    request => [milestoneOf(projectId(request) * 10 + 5, projectId(request))],
  ],
  [
    'GET projects/*/customFields',
    request => {
      const id = projectId(request)
      const added = request.space.addedFields.filter(one => one['projectId'] === id)
      return [...customFieldsOf(id), ...added]
    },
  ],
  ['GET projects/*/users', request => of(projectId(request), usersOf(request.space))],
  ['GET projects/*/administrators', request => of(projectId(request), [briefUser(40_001)])],
  ['GET projects/*/teams', request => of(projectId(request), [teamOf(77)])],
  ['GET projects/*/files/metadata/~', request => page(filesBelow(request), request.query)],
  [
    'GET projects/*/activities',
    request => activities(request, one => one.projectId === projectId(request)),
  ],
  ['GET projects/*/diskUsage', request => ({ projectId: projectId(request), ...USAGE })],
  ['GET projects/*/webhooks', request => of(projectId(request), [WEBHOOK])],
  [
    'GET projects/*',
    request => {
      const id = projectId(request)
      return projectOf(
        request.space,
        request.space.projects.findIndex(one => one.id === id),
      )
    },
  ],
]

export const WEBHOOK: JsonObject = {
  ...{ id: 3, name: 'ci', description: '', hookUrl: 'https://hook.example.com/' },
  ...{ allEvent: false, activityTypeIds: [1, 2, 3], ...stamps() },
}

export function statusesOf(project: number): JsonObject[] {
  return STATUSES.map(one => statusOf(one.id, project))
}

export function issueTypesOf(project: number): JsonObject[] {
  return [
    {
      ...{ id: project * 10 + 1, projectId: project, name: 'Task', color: '#7ea800' },
      ...{ displayOrder: 0, templateSummary: null, templateDescription: null },
    },
  ]
}

export function categoriesOf(project: number): JsonObject[] {
  return [0, 1, 2].map(one => categoryOf(project * 10 + one, project))
}

/** The entries of one folder; a folder that is not there is an error. */
function filesBelow(request: Request): JsonObject[] {
  const all = request.space.contents.files.get(projectId(request)) ?? []
  const names = (request.params[1] ?? '').split('/').filter(one => one !== '')
  const dir = names.length === 0 ? '/' : `/${names.join('/')}/`
  const isThere = all.some(
    one => one['type'] === 'directory' && `${one['dir']}${one['name']}/` === dir,
  )
  if (dir !== '/' && !isThere) missing('directory', dir)
  return all.filter(one => one['dir'] === dir)
}
