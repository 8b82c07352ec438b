/**
 * Resources of the stand-in that belong to the space and its users.
 * Called through `routes.ts`. Reading is pure.
 * Spec: backlog-replication 1.7, 1.9, 3.2.
 */
import { page } from './issue-query.ts'
import { isoSeconds, type JsonObject, PRIORITIES, RESOLUTIONS, userOf } from './payload.ts'
import { activities, byId, missing, type Request, type Route, usersOf } from './request.ts'
import type { Space } from './space.ts'
import { LICENCE, projectOf, teamOf, USAGE } from './space-payload.ts'

export const SPACE_ROUTES: readonly Route[] = [
  ['GET space', ({ space }) => spaceOf(space)],
  ['GET space/notification', () => SPACE_NOTIFICATION],
  ['GET space/diskUsage', ({ space }) => diskUsageOf(space)],
  ['GET space/licence', () => LICENCE],
  ['GET space/activities', request => activities(request, () => true)],
  ['GET users', ({ space }) => usersOf(space)],
  ['GET users/myself', ({ userId }) => userOf(userId, Date.UTC(2026, 10, 1))],
  [
    'GET users/myself/recentlyViewedIssues',
    ({ space, query }) => page(viewedOf(space).issues, query),
  ],
  [
    'GET users/myself/recentlyViewedProjects',
    ({ space, query }) => page(viewedOf(space).projects, query),
  ],
  [
    'GET users/myself/recentlyViewedWikis',
    ({ space, query }) => page(viewedOf(space).wikis, query),
  ],
  [
    'GET users/*/activities',
    request => activities(request, one => one.userId === Number(request.params[0])),
  ],
  ['GET users/*/stars', request => byId(request, starsOf(request))],
  ['GET users/*/watchings', ({ space, query }) => page(watchingsOf(space), query)],
  [
    'GET users/*',
    ({ space, params }) =>
      usersOf(space).find(one => String(one['id']) === params[0]) ?? missing('user', params[0]),
  ],
  ['GET teams', ({ query }) => page([teamOf(77), teamOf(78)], query)],
  [
    'GET groups',
    ({ space, query }) => (space.hasGroups ? page([teamOf(77)], query) : missing('groups', '')),
  ],
  ['GET notifications', request => byId(request, request.space.contents.notifications)],
  ['GET priorities', () => PRIORITIES],
  ['GET resolutions', () => RESOLUTIONS],
]

export function spaceOf(space: Space): JsonObject {
  return {
    ...{ spaceKey: 'acme', name: 'Acme KK', ownerId: 40_001, lang: 'ja', timezone: 'Asia/Tokyo' },
    ...{ reportSendTime: '08:00:00', textFormattingRule: 'markdown' },
    created: '2019-04-01T01:02:03Z',
    updated: isoSeconds(Math.min(space.now(), Date.UTC(2026, 8, 30))),
  }
}

export const SPACE_NOTIFICATION: JsonObject = {
  content: 'Maintenance on Sunday',
  updated: '2026-10-01T00:00:00Z',
}

export function diskUsageOf(space: Space): JsonObject {
  const details = space.projects.map(({ id }) => ({ projectId: id, ...USAGE }))
  return { ...USAGE, details }
}

function starsOf({ space, params }: Request): readonly JsonObject[] {
  return space.contents.stars.get(Number(params[0])) ?? missing('user', params[0])
}

export function watchingsOf(space: Space): JsonObject[] {
  return space
    .sorted('created')
    .slice(0, 5)
    .map((issue, index) => ({
      ...{ id: index + 1, resourceAlreadyRead: true, note: 'check Friday', type: 'issue' },
      issue: space.render(issue),
      lastContentUpdated: isoSeconds(issue.updatedMs),
      created: isoSeconds(issue.createdMs),
      updated: isoSeconds(issue.updatedMs),
    }))
}

/** Without ids of their own; the oldest first. */
export function viewedOf(space: Space) {
  const updated = '2026-10-05T00:00:00Z'
  const shown = space.sorted('created').slice(0, 130)
  return {
    issues: shown.map(issue => ({ issue: space.render(issue), updated })),
    projects: space.projects.map((_, index) => ({ project: projectOf(space, index), updated })),
    wikis: space.projects.flatMap(({ id }) =>
      space.contents.wikisOf(id).map(page => ({ page, updated })),
    ),
  }
}
