/**
 * Payloads of the stand-in that depend on ids only: projects, teams, repositories, usage.
 * Used by its routes.
 * Spec: backlog-replication 1.9.
 */
import { briefUser, type JsonObject } from './payload.ts'
import type { Space } from './space.ts'

export const USAGE = {
  capacity: 107_374_182_400,
  issue: 512_000,
  wiki: 20_480,
  file: 1_048_576,
  subversion: 0,
  git: 7_340_032,
  gitLFS: 0,
  pullRequest: 1024,
}

export function stamps(created = '2026-01-05T00:00:00Z', updated = created) {
  return { createdUser: briefUser(40_001), created, updatedUser: null, updated }
}

export function projectOf(space: Space, index: number): JsonObject {
  const { id, key, name } = space.projects[index]!
  return {
    id,
    projectKey: key,
    name,
    chartEnabled: true,
    useResolvedForChart: false,
    subtaskingEnabled: true,
    projectLeaderCanEditProjectLeader: false,
    useWiki: true,
    useFileSharing: true,
    useWikiTreeView: true,
    useOriginalImageSizeAtWiki: false,
    useSubversion: false,
    useGit: true,
    textFormattingRule: 'markdown',
    archived: index > 0 && index === space.projects.length - 1,
    displayOrder: 2_147_483_646,
    useDevAttributes: true,
  }
}

/** `number`: 5 and 6. */
export function repository(id: number, number = 5): JsonObject {
  return {
    id: id * 10 + number,
    projectId: id,
    name: number === 5 ? 'infra' : 'app',
    description: null,
    hookUrl: null,
    httpUrl: 'https://acme.backlog.com/git/OPS/infra.git',
    sshUrl: 'acme@acme.git.backlog.com:/OPS/infra.git',
    displayOrder: 0,
    pushedAt: '2026-10-01T00:00:00Z',
    ...stamps(),
  }
}

export function teamOf(id: number): JsonObject {
  return {
    id,
    name: 'Platform',
    members: [briefUser(40_001), briefUser(40_002)],
    displayOrder: null,
    ...stamps(),
  }
}

const FIELD_BASE = { description: '', required: false, useIssueType: false }

/** One of each kind, as issues have them. */
export function customFieldsOf(project: number): JsonObject[] {
  const base = (number: number, typeId: number, name: string) => ({
    ...{ id: project * 10 + number, projectId: project, typeId, name, ...FIELD_BASE },
    ...{ applicableIssueTypes: [project * 10 + 1], displayOrder: number, version: 1_700_000_000 },
  })
  const items = [
    { id: 1, name: 'Tokyo', displayOrder: 0 },
    { id: 2, name: 'Low', displayOrder: 1 },
  ]
  const list = { allowAddItem: true, items }
  return [
    base(1, 1, 'Note'),
    base(2, 2, '詳細'),
    {
      ...base(4, 4, 'Due at customer'),
      ...{ min: '2026-01-01', max: null, initialDate: { id: 1, shift: 3, date: '2026-12-01' } },
    },
    { ...base(5, 5, 'Team'), ...list },
    { ...base(6, 6, 'Affected site'), ...list },
    { ...base(7, 3, 'Ports'), ...{ min: null, max: 65_535, initialValue: 0.5, unit: '' } },
    { ...base(8, 8, 'Risk'), ...list, allowInput: true },
    { ...base(9, 7, 'Checks'), ...list, allowInput: true },
  ]
}

export const LICENCE: JsonObject = {
  ...{ active: true, licenceTypeId: 41, startedOn: '2019-04-01T00:00:00Z' },
  ...{ limitDate: '2027-03-31T00:00:00Z', storageLimit: 107_374_182_400, userLimit: 0 },
  ...{ projectLimit: 0, issueLimit: 0, commentLimit: 0, versionLimit: 0, componentLimit: 0 },
  ...{ attributeLimit: 0, attachmentLimit: 0, attachmentLimitPerFile: 10_485_760 },
  ...{ attachmentNumLimit: 50, wikiAttachmentLimitPerFile: 10_485_760, wikiAttachmentNumLimit: 50 },
  ...{ pullRequestAttachmentLimitPerFile: 10_485_760, pullRequestAttachmentNumLimit: 50 },
  ...{ attribute: true, burndown: true, fileSharing: true, gantt: true, git: true },
  ...{ subversion: true, subversionExternal: false, parentChildIssue: true, projectGroup: true },
  ...{ postIssueByMail: true, nulabAccount: true, remoteAddress: false, wikiAttachment: true },
}

/** The tree of documents as Backlog nests it. */
export function documentTree(space: Space, project: number): JsonObject {
  const all = space.contents.documentsOf(project)
  const isTrashed = new Map(all.map(one => [one.payload['id'], one.isTrashed]))
  const below = (parent: string | null, inTrash: boolean): JsonObject[] =>
    all
      .filter(one => one.isTrashed === inTrash)
      .filter(one => (isTrashed.get(one.parentId) === inTrash ? one.parentId : null) === parent)
      .map(({ payload }) => ({
        ...{ id: payload['id']!, name: payload['title']!, emoji: payload['emoji']! },
        children: below(String(payload['id']), inTrash),
      }))
  return {
    projectId: project,
    activeTree: { id: 'Active', children: below(null, false) },
    trashTree: { id: 'Trash', children: below(null, true) },
  }
}
