/**
 * Issues of the stand-in, what belongs to them, and the writes that move them.
 * Called through `routes.ts`. Reading is pure; writing goes through the space, so that activities
 * appear as in Backlog.
 * Spec: backlog-replication 1.7, 1.9, 3.2.
 */
import { findIssues, page } from './issue-query.ts'
import type { IssueRecord } from './issue-record.ts'
import { briefUser, isoSeconds, type JsonObject } from './payload.ts'
import { byId, issueOf, type Route } from './request.ts'
import type { Space } from './space.ts'

export const ISSUE_ROUTES: readonly Route[] = [
  [
    'GET issues',
    ({ space, query }) => {
      const isExpanded = query.getAll('expand[]').includes('childIssueSummary')
      return page(findIssues(space, query), query).map(issue => space.render(issue, isExpanded))
    },
  ],
  ['GET issues/count', ({ space, query }) => ({ count: findIssues(space, query).length })],
  ['GET issues/*/comments', request => byId(request, request.space.commentsOf(issueOf(request)))],
  ['GET issues/*/attachments', request => attachmentsOf(request.space, issueOf(request))],
  [
    'GET issues/*/sharedFiles',
    request => request.space.render(issueOf(request))['sharedFiles'] ?? [],
  ],
  ['GET issues/*/participants', request => participantsOf(issueOf(request))],
  ['GET issues/*/relatedIssues', request => relatedOf(request.space, issueOf(request))],
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
]

/** With author and date, which the issue itself leaves out. */
export function attachmentsOf(space: Space, issue: IssueRecord): JsonObject[] {
  const all = (space.render(issue)['attachments'] ?? []) as JsonObject[]
  const more = { createdUser: briefUser(40_001), created: isoSeconds(issue.createdMs) }
  return all.map(one => ({ ...one, ...more }))
}

export function participantsOf(issue: IssueRecord): JsonObject[] {
  return [briefUser(issue.assigneeId ?? 40_001)!]
}

export function relatedOf(space: Space, issue: IssueRecord): JsonObject[] {
  const next = issue.id % 7 === 0 ? space.issues.get(issue.id + 1) : undefined
  return next === undefined ? [] : [{ ...space.render(next), type: 'RELATES' }]
}

function patchOf(body: URLSearchParams): Partial<IssueRecord> {
  const summary = body.get('summary')
  const status = body.get('statusId')
  return {
    ...(summary === null ? {} : { summary }),
    ...(status === null ? {} : { statusId: Number(status) }),
  }
}
