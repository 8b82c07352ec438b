/**
 * The whole space of the stand-in as payloads: what a complete copy of it must hold. Each payload has
 * beside it what it was found by.
 * Called by tests, which compare it with tables.
 * Spec: backlog-replication 3.3 (snapshots of the whole space), 3.4.
 */
import { pullAttachmentsOf, repositoriesOf } from './git-routes.ts'
import { milestoneOf } from './issue-record.ts'
import { attachmentsOf, participantsOf, relatedOf } from './issue-routes.ts'
import { briefUser, type JsonObject, PRIORITIES, RESOLUTIONS } from './payload.ts'
import { categoriesOf, issueTypesOf, statusesOf, WEBHOOK } from './project-routes.ts'
import { activityOf, usersOf } from './request.ts'
import type { Space } from './space.ts'
import { customFieldsOf, documentTree, LICENCE, projectOf, teamOf, USAGE } from './space-payload.ts'
import { diskUsageOf, SPACE_NOTIFICATION, spaceOf, viewedOf, watchingsOf } from './space-routes.ts'

export interface Found {
  readonly payload: JsonObject
  /** Ids of what is around it. */
  readonly by: JsonObject
}

export type Dump = Readonly<Record<string, readonly Found[]>>

export function dumpOf(space: Space): Dump {
  return { ...issuesOf(space), ...projectsOf(space), ...gitOf(space), ...selfOf(space) }
}

function issuesOf(space: Space): Dump {
  const all = [...space.issues.values()]
  const each = (read: (issue: (typeof all)[number]) => readonly JsonObject[]) =>
    all.flatMap(issue =>
      found(read(issue), { issueId: issue.id, projectId: issue.projectId, keyId: issue.keyId }),
    )
  return {
    issues: each(issue => [space.render(issue, true)]),
    issueComments: each(issue => space.commentsOf(issue)),
    issueAttachments: each(issue => attachmentsOf(space, issue)),
    issueParticipants: each(participantsOf),
    issueRelatedIssues: each(issue => relatedOf(space, issue)),
  }
}

function projectsOf(space: Space): Dump {
  const { contents } = space
  const each = (read: (project: number) => readonly JsonObject[]) =>
    space.projects.flatMap(({ id }) => found(read(id), { projectId: id }))
  return {
    projects: found(space.projects.map((_, index) => projectOf(space, index))),
    statuses: each(statusesOf),
    issueTypes: each(issueTypesOf),
    categories: each(categoriesOf),
    versions: each(id => [milestoneOf(id * 10 + 5, id)]),
    customFields: each(id => [
      ...customFieldsOf(id),
      ...space.addedFields.filter(one => one['projectId'] === id),
    ]),
    projectUsers: each(() => usersOf(space)),
    administrators: each(() => [briefUser(40_001)!]),
    projectTeams: each(() => [teamOf(77)]),
    sharedFiles: each(id => contents.files.get(id) ?? []),
    projectActivities: each(id => activitiesOf(space, one => one.projectId === id)),
    projectDiskUsage: each(() => [USAGE]),
    webhooks: each(() => [WEBHOOK]),
    wikis: each(id => contents.wikisOf(id)),
    wikiTags: each(() => [{ id: 12, name: 'runbook' }]),
    wikiHistory: each(id =>
      contents.wikisOf(id).flatMap(one => contents.wikiVersions.get(Number(one['id'])) ?? []),
    ),
    documents: each(id =>
      contents
        .documentsOf(id)
        .filter(one => !one.isTrashed)
        .map(one => one.payload),
    ),
    documentTrees: each(id => [documentTree(space, id)]),
  }
}

function gitOf(space: Space): Dump {
  const pulls = [...space.contents.pulls.values()].flat()
  return {
    repositories: space.projects.flatMap(({ id }) => found(repositoriesOf(id), { projectId: id })),
    pullRequests: found(pulls.map(one => one.payload)),
    pullAttachments: pulls.flatMap(({ payload }) =>
      found(pullAttachmentsOf(payload), { pullRequestId: payload.id }),
    ),
    pullComments: pulls.flatMap(({ payload, comments }) =>
      found(comments, { pullRequestId: payload.id, pull: payload }),
    ),
  }
}

function selfOf(space: Space): Dump {
  const { contents } = space
  const users = usersOf(space)
  const eachUser = (read: (user: number) => readonly JsonObject[]) =>
    users.flatMap(one => found(read(Number(one['id'])), { userId: one['id']! }))
  const { issues, projects, wikis } = viewedOf(space)
  return {
    users: found(users),
    stars: eachUser(user => contents.stars.get(user) ?? []),
    userActivities: eachUser(user => activitiesOf(space, one => one.userId === user)),
    viewedIssues: found(issues),
    viewedProjects: found(projects),
    viewedWikis: found(wikis),
    watchings: found(watchingsOf(space)),
    notifications: found(contents.notifications),
    teams: found([teamOf(77), teamOf(78)]),
    groups: found(space.hasGroups ? [teamOf(77)] : []),
    space: found([spaceOf(space)]),
    spaceActivities: found(activitiesOf(space, () => true)),
    spaceNotification: found([SPACE_NOTIFICATION]),
    diskUsage: found([diskUsageOf(space)]),
    licence: found([LICENCE]),
    priorities: found(PRIORITIES),
    resolutions: found(RESOLUTIONS),
  }
}

function activitiesOf(
  space: Space,
  fits: (one: Space['activities'][number]) => boolean,
): JsonObject[] {
  return space.activities.filter(fits).map(one => activityOf(space, one))
}

function found(payloads: readonly JsonObject[], by: JsonObject = {}): Found[] {
  return payloads.map(payload => ({ payload, by }))
}
