/**
 * Wiki pages and documents of the stand-in.
 * Called through `routes.ts`. Reading is pure.
 * Spec: backlog-replication 1.7, 1.9, 3.2.
 */
import { BacklogFailure, BadRequest } from './bad-request.ts'
import { page } from './issue-query.ts'
import type { Json, JsonObject } from './payload.ts'
import { byId, missing, of, projectOfQuery, type Request, type Route, visible } from './request.ts'
import { documentTree } from './space-payload.ts'

export const WIKI_ROUTES: readonly Route[] = [
  ['GET wikis', request => wikisOf(request).map(listed)],
  ['GET wikis/count', request => ({ count: wikisOf(request).length })],
  ['GET wikis/tags', request => of(projectOfQuery(request), [{ id: 12, name: 'runbook' }])],
  [
    'GET wikis/*/history',
    request => {
      const id = Number(wikiOf(request)['id'])
      return byId(request, request.space.contents.wikiVersions.get(id) ?? [], 'version')
    },
  ],
  ['GET wikis/*/attachments', request => wikiOf(request)['attachments'] ?? []],
  ['GET wikis/*/sharedFiles', request => wikiOf(request)['sharedFiles'] ?? []],
  ['GET wikis/*/stars', request => wikiOf(request)['stars'] ?? []],
  ['GET wikis/*', wikiOf],
  [
    'GET documents',
    request => {
      if (!request.query.has('offset')) throw new BacklogFailure(400, 7, 'offset is required')
      return page(documents(request), request.query)
    },
  ],
  ['GET documents/count', request => ({ count: shownOf(request, projectOfQuery(request)).length })],
  ['GET documents/tree', request => documentTree(request.space, projectOfQuery(request))],
  [
    'GET documents/*',
    ({ space, params }) =>
      space.contents.documents.get(params[0] ?? '')?.payload ?? missing('document', params[0]),
  ],
]

/** Lists have no body. */
function listed(page: JsonObject): JsonObject {
  const hidden = ['content', 'attachments', 'sharedFiles', 'stars']
  return Object.fromEntries(Object.entries(page).filter(([name]) => !hidden.includes(name)))
}

function wikisOf(request: Request): JsonObject[] {
  return request.space.contents.wikisOf(projectOfQuery(request))
}

function wikiOf({ space, params }: Request): JsonObject {
  const found = space.contents.wiki(Number(params[0])) ?? missing('wiki', params[0])
  visible(space, String(found['projectId']))
  return found
}

function shownOf({ space }: Request, project: number): JsonObject[] {
  const all = space.contents.documentsOf(project)
  return all.filter(one => !one.isTrashed).map(one => one.payload)
}

function documents(request: Request): JsonObject[] {
  const { space, query } = request
  const ids = query.getAll('projectId[]').map(one => visible(space, one))
  const sort = query.get('sort') ?? 'created'
  if (sort !== 'created' && sort !== 'updated') throw new BadRequest(`Unknown sort. (${sort})`)
  const all = space.projects
    .filter(one => (ids.length === 0 || ids.includes(one.id)) && !space.hiddenProjects.has(one.id))
    .flatMap(({ id }) => shownOf(request, id))
  const time = (one: JsonObject): Json => one[sort] ?? ''
  return all.sort((a, b) => String(time(a)).localeCompare(String(time(b))))
}
