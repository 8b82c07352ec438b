/**
 * The resources of the stand-in below `/api/v2`: patterns and what they answer with.
 * Called by the server after credentials, limits and faults. Reading is pure; writing goes through
 * the space, so that activities appear as in Backlog.
 * Spec: backlog-replication 1.7, 1.9, 3.2.
 */
import { BacklogFailure, NotFound } from './bad-request.ts'
import { countOf, findIssues, idRange, page } from './issue-query.ts'
import { categoryOf, type IssueRecord, milestoneOf } from './issue-record.ts'
import {
  briefUser,
  isoSeconds,
  type Json,
  type JsonObject,
  PRIORITIES,
  RESOLUTIONS,
  STATUSES,
  statusOf,
  userOf,
} from './payload.ts'
import type { Activity, Space } from './space.ts'
import { projectOf, repository, stamps, teamOf, USAGE } from './space-payload.ts'

export interface Request {
  readonly space: Space
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly body: URLSearchParams
  readonly userId: number
  /** Whether `minId` and `maxId` include their row. */
  readonly isInclusive: boolean
}
type Handler = (request: Request) => Json

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

const ROUTES: readonly (readonly [string, Handler])[] = [
  [
    'GET space',
    ({ space }) => ({
      spaceKey: 'acme',
      name: 'Acme KK',
      ownerId: 40_001,
      lang: 'ja',
      timezone: 'Asia/Tokyo',
      reportSendTime: '08:00:00',
      textFormattingRule: 'markdown',
      created: '2019-04-01T01:02:03Z',
      updated: isoSeconds(Math.min(space.now(), Date.UTC(2026, 8, 30))),
    }),
  ],
  [
    'GET space/notification',
    () => ({ content: 'Maintenance on Sunday', updated: '2026-10-01T00:00:00Z' }),
  ],
  [
    'GET space/diskUsage',
    ({ space }) => ({
      ...USAGE,
      details: space.projects.map(({ id }) => ({ projectId: id, ...USAGE })),
    }),
  ],
  [
    'GET space/licence',
    () => ({
      active: true,
      licenceTypeId: 41,
      startedOn: '2019-04-01T00:00:00Z',
      limitDate: '2027-03-31T00:00:00Z',
      storageLimit: 107_374_182_400,
      git: true,
    }),
  ],
  ['GET space/activities', request => activities(request, () => true)],
  ['GET users', ({ space }) => usersOf(space)],
  ['GET users/myself', ({ userId }) => userOf(userId, Date.UTC(2026, 10, 1))],
  [
    'GET users/*/activities',
    request => activities(request, one => one.userId === Number(request.params[0])),
  ],
  [
    'GET users/*/watchings',
    ({ space, query }) =>
      page(
        space
          .sorted('created')
          .slice(0, 5)
          .map((issue, index) => ({
            id: index + 1,
            resourceAlreadyRead: true,
            note: 'check Friday',
            type: 'issue',
            issue: space.render(issue),
            lastContentUpdated: isoSeconds(issue.updatedMs),
            created: isoSeconds(issue.createdMs),
            updated: isoSeconds(issue.updatedMs),
          })),
        query,
      ),
  ],
  [
    'GET users/*',
    ({ space, params }) =>
      usersOf(space).find(one => String(one['id']) === params[0]) ?? missing('user', params[0]),
  ],
  [
    'GET projects',
    ({ space, query }) =>
      space.projects
        .filter(one => !space.hiddenProjects.has(one.id))
        .map((_, index) => projectOf(space, index))
        .filter(
          one =>
            query.get('archived') === null || String(one['archived']) === query.get('archived'),
        ),
  ],
  ['GET projects/*/statuses', request => STATUSES.map(one => statusOf(one.id, projectId(request)))],
  [
    'GET projects/*/issueTypes',
    request => [
      {
        id: projectId(request) * 10 + 1,
        projectId: projectId(request),
        name: 'Task',
        color: '#7ea800',
        displayOrder: 0,
        templateSummary: null,
        templateDescription: null,
      },
    ],
  ],
  [
    'GET projects/*/categories',
    request => [0, 1, 2].map(one => categoryOf(projectId(request) * 10 + one, projectId(request))),
  ],
  [
    'GET projects/*/versions',
    request => [milestoneOf(projectId(request) * 10 + 5, projectId(request))],
  ],
  ['GET projects/*/customFields', customFields],
  ['GET projects/*/users', request => of(projectId(request), usersOf(request.space))],
  ['GET projects/*/administrators', request => of(projectId(request), [briefUser(40_001)])],
  ['GET projects/*/teams', request => of(projectId(request), [teamOf(77)])],
  ['GET projects/*/files/metadata/~', request => page(sharedFiles(request), request.query)],
  [
    'GET projects/*/activities',
    request => activities(request, one => one.projectId === projectId(request)),
  ],
  ['GET projects/*/diskUsage', request => ({ projectId: projectId(request), ...USAGE })],
  [
    'GET projects/*/webhooks',
    request => [
      {
        id: 3,
        name: 'ci',
        description: '',
        hookUrl: 'https://hook.example.com/',
        allEvent: projectId(request) === 0,
        activityTypeIds: [1, 2, 3],
        ...stamps(),
      },
    ],
  ],
  ['GET projects/*/git/repositories', request => [repository(projectId(request))]],
  [
    'GET projects/*/git/repositories/*/pullRequests',
    request => page(pullRequests(request), request.query),
  ],
  [
    'GET projects/*/git/repositories/*/pullRequests/*/comments',
    request => of(projectId(request), []),
  ],
  [
    'GET projects/*',
    request =>
      projectOf(
        request.space,
        request.space.projects.findIndex(one => one.id === projectId(request)),
      ),
  ],
  [
    'GET issues',
    ({ space, query }) => page(findIssues(space, query), query).map(issue => space.render(issue)),
  ],
  ['GET issues/count', ({ space, query }) => ({ count: findIssues(space, query).length })],
  [
    'GET issues/*/comments',
    request =>
      idRange(request.space.commentsOf(issueOf(request)), request.query, {
        id: one => one['id'] as number,
        isInclusive: request.isInclusive,
      }),
  ],
  [
    'GET issues/*/attachments',
    request =>
      ((request.space.render(issueOf(request))['attachments'] as JsonObject[]) ?? []).map(one => ({
        ...one,
        createdUser: briefUser(40_001),
        created: isoSeconds(issueOf(request).createdMs),
      })),
  ],
  ['GET issues/*/participants', request => [briefUser(issueOf(request).assigneeId ?? 40_001)]],
  ['GET issues/*', request => request.space.render(issueOf(request))],
  [
    'POST issues',
    ({ space, body }) =>
      space.render(
        space.addIssue({
          projectId: Number(body.get('projectId')),
          summary: body.get('summary') ?? '',
        }),
      ),
  ],
  [
    'PATCH issues/*',
    request =>
      request.space.render(request.space.updateIssue(issueOf(request).id, patchOf(request.body))),
  ],
  [
    'DELETE issues/*',
    request => {
      const issue = issueOf(request)
      const shown = request.space.render(issue)
      request.space.deleteIssue(issue.id)
      return shown
    },
  ],
  [
    'POST issues/*/comments',
    request => request.space.addComment(issueOf(request).id, request.body.get('content') ?? ''),
  ],
  [
    'GET wikis',
    request =>
      wikisOf(request).map(
        ({ content: _c, attachments: _a, sharedFiles: _f, stars: _s, ...listed }) => listed,
      ),
  ],
  ['GET wikis/count', request => ({ count: wikisOf(request).length })],
  ['GET wikis/tags', request => of(projectOfQuery(request), [{ id: 12, name: 'runbook' }])],
  ['GET wikis/*', request => wiki(request.space, Number(request.params[0]))],
  [
    'GET documents',
    request => {
      if (!request.query.has('offset')) throw new BacklogFailure(400, 7, 'offset is required')
      return page(documents(request.space, request.query), request.query)
    },
  ],
  ['GET teams', request => page([teamOf(77)], request.query)],
  [
    'GET notifications',
    request =>
      idRange(
        [
          {
            id: 22,
            alreadyRead: false,
            reason: 2,
            resourceAlreadyRead: false,
            project: null,
            issue: null,
            comment: null,
            pullRequest: null,
            pullRequestComment: null,
            sender: briefUser(40_001),
            created: '2026-10-04T07:55:13Z',
          },
        ],
        request.query,
        { id: one => one.id, isInclusive: request.isInclusive },
      ),
  ],
  ['GET priorities', () => PRIORITIES],
  ['GET resolutions', () => RESOLUTIONS],
]

function missing(what: string, id: string | undefined): never {
  throw new NotFound(`No such ${what}. (id: ${id})`)
}

/** The answer of a project that can be seen. */
function of(_project: number, answer: Json): Json {
  return answer
}

function usersOf(space: Space): JsonObject[] {
  return Array.from({ length: space.users }, (_, index) =>
    userOf(40_001 + index, Date.UTC(2026, 10, 1)),
  )
}

function projectId({ space, params }: Request): number {
  return visible(space, params[0])
}

function projectOfQuery({ space, query }: Request): number {
  return visible(space, query.get('projectIdOrKey') ?? undefined)
}

function visible(space: Space, idOrKey: string | undefined): number {
  const project = space.project(idOrKey ?? '') ?? missing('project', idOrKey)
  const hidden = space.hiddenProjects.get(project.id)
  if (hidden === 403) throw new BacklogFailure(403, 5, 'No access to the project.')
  if (hidden === 404) missing('project', idOrKey)
  return project.id
}

function issueOf({ space, params }: Request): IssueRecord {
  const key = params[0] ?? ''
  const issue = /^\d+$/.test(key) ? space.issues.get(Number(key)) : undefined
  if (issue === undefined) return missing('issue', key)
  visible(space, String(issue.projectId))
  return issue
}

function patchOf(body: URLSearchParams): Partial<IssueRecord> {
  const summary = body.get('summary')
  const status = body.get('statusId')
  return {
    ...(summary === null ? {} : { summary }),
    ...(status === null ? {} : { statusId: Number(status) }),
  }
}

function customFields(request: Request): Json {
  const id = projectId(request)
  const base = {
    projectId: id,
    description: '',
    required: false,
    useIssueType: false,
    applicableIssueTypes: [id * 10 + 1],
  }
  return [
    {
      id: id * 10 + 6,
      typeId: 6,
      name: 'Affected site',
      ...base,
      displayOrder: 0,
      version: 1_700_000_000,
      allowAddItem: true,
      items: [
        { id: 1, name: 'Tokyo', displayOrder: 0 },
        { id: 2, name: 'Fukuoka', displayOrder: 1 },
      ],
    },
    {
      id: id * 10 + 7,
      typeId: 3,
      name: 'Ports',
      ...base,
      displayOrder: 1,
      min: null,
      max: 65_535,
      initialValue: null,
      unit: '',
    },
  ]
}

function sharedFiles(request: Request): JsonObject[] {
  const id = projectId(request)
  const root = request.params[1] === ''
  const one = (number: number, type: string, dir: string, name: string): JsonObject => ({
    id: id * 100 + number,
    projectId: id,
    type,
    dir,
    name,
    size: type === 'file' ? 2735 : null,
    ...stamps(),
  })
  return root
    ? [one(1, 'directory', '/', 'design'), one(2, 'file', '/', 'read me.txt')]
    : [one(3, 'file', '/design/', 'site.png')]
}

function pullRequests(request: Request): JsonObject[] {
  const id = projectId(request)
  return [1, 2, 3].map(number => ({
    id: id * 100 + number,
    projectId: id,
    repositoryId: id * 10 + 5,
    number,
    summary: `Rotate keys ${number}`,
    description: '…',
    base: 'main',
    branch: `rotate-${number}`,
    status: { id: number, name: ['Open', 'Closed', 'Merged'][number - 1]! },
    assignee: null,
    issue: { id: 880_001 },
    baseCommit: null,
    branchCommit: null,
    mergeCommit: null,
    closeAt: null,
    mergeAt: null,
    ...stamps(),
    attachments: [],
    stars: [],
  }))
}

function wiki(
  space: Space,
  id: number,
): JsonObject & { content?: Json; attachments?: Json; sharedFiles?: Json; stars?: Json } {
  const project = visible(space, String(Math.floor(id / 100)))
  if (id % 100 > 3) missing('wiki', String(id))
  const patch = space.wikiPatches.get(id)
  if (patch === null) missing('wiki', String(id))
  return {
    id,
    projectId: project,
    name: `Page ${id % 100}`,
    content: `# Page ${id}`,
    tags: [{ id: 12, name: 'runbook' }],
    ...stamps('2025-01-01T00:00:00Z', '2026-10-02T01:00:00Z'),
    attachments: [],
    sharedFiles: [],
    stars: [],
    ...patch,
  }
}

function wikisOf(request: Request) {
  const id = projectOfQuery(request)
  return [1, 2, 3]
    .filter(one => request.space.wikiPatches.get(id * 100 + one) !== null)
    .map(one => wiki(request.space, id * 100 + one))
}

function documents(space: Space, query: URLSearchParams): JsonObject[] {
  const ids = query.getAll('projectId[]').map(Number)
  return space.projects
    .filter(one => ids.length === 0 || ids.includes(one.id))
    .map(({ id }) => ({
      id: `01939983409c79d5a06a4985978${String(id).padStart(5, '0')}`,
      projectId: id,
      title: 'On-call guide',
      plain: 'Call the desk',
      json: '{}',
      statusId: 1,
      emoji: '📘',
      attachments: [],
      tags: [{ id: 1, name: 'oncall' }],
      ...stamps('2024-12-06T01:08:56Z', '2026-04-28T01:47:02Z'),
    }))
}

function activities(request: Request, fits: (one: Activity) => boolean): Json {
  const { space, query, isInclusive } = request
  countOf(query)
  const types = new Set(query.getAll('activityTypeId[]').map(Number))
  const all = space.activities.filter(one => fits(one) && (types.size === 0 || types.has(one.type)))
  return idRange(all, query, { id: one => one.id, isInclusive }).map(
    ({ id, type, projectId: of, content, userId, createdMs }) => ({
      ...{ id, type, content, notifications: [] },
      project: {
        id: of,
        projectKey: space.project(of)?.key ?? '',
        name: space.project(of)?.name ?? '',
      },
      createdUser: briefUser(userId),
      created: isoSeconds(createdMs),
    }),
  )
}
