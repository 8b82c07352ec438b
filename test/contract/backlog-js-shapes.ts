/**
 * Fields that an independent client of Backlog expects in each answer, and of which kind they are.
 * Used by the table of its calls. The names are checked against the types of that client: a field that it
 * takes for granted and that is not named here does not compile.
 * A `?` at the end: may be null, whatever the types of the client say.
 * Spec: backlog-replication 1.9, 3.5.
 */
import type { Entity } from 'backlog-js'

type Base = 'number' | 'text' | 'flag' | 'list' | 'object' | 'time' | 'day'
export type Kind = Base | `${Base}?`
type Needed<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T]

/** All fields that are always there, and any of the others. */
export type Shape<T> = { readonly [K in Needed<T>]: Kind } & {
  readonly [K in Exclude<keyof T, Needed<T>>]?: Kind
}

/** As users stand inside other answers. */
export const MEMBER = {
  ...{ id: 'number', userId: 'text', name: 'text', roleType: 'number', lang: 'text?' },
  mailAddress: 'text',
} as const satisfies Shape<Omit<Entity.User.User, 'lastLoginTime'>>
export const USER = { ...MEMBER, lastLoginTime: 'time' } as const satisfies Shape<Entity.User.User>

const STAMPS = {
  createdUser: 'object?',
  created: 'time',
  updatedUser: 'object?',
  updated: 'time',
} as const

export const ID_NAME = { id: 'number', name: 'text' } as const
export const COUNT = { count: 'number' } as const

export const SPACE = {
  ...{ spaceKey: 'text', name: 'text', ownerId: 'number', lang: 'text', timezone: 'text' },
  ...{ reportSendTime: 'text', textFormattingRule: 'text', created: 'time', updated: 'time' },
} as const satisfies Shape<Entity.Space.Space>

const USAGE = {
  issue: 'number',
  wiki: 'number',
  file: 'number',
  subversion: 'number',
  git: 'number',
  gitLFS: 'number',
} as const
export const SPACE_USAGE = {
  ...USAGE,
  ...{ capacity: 'number', details: 'list' },
} as const satisfies Shape<Entity.DiskUsage.SpaceDiskUsage>
export const PROJECT_USAGE = {
  ...USAGE,
  projectId: 'number',
} as const satisfies Shape<Entity.DiskUsage.ProjectDiskUsage>

/** `remoteAddressLimit` is not in the public documents. */
export const LICENCE = {
  ...{ active: 'flag', attachmentLimit: 'number', attachmentLimitPerFile: 'number' },
  ...{ attachmentNumLimit: 'number', attribute: 'flag', attributeLimit: 'number' },
  ...{ burndown: 'flag', commentLimit: 'number', componentLimit: 'number', fileSharing: 'flag' },
  ...{ gantt: 'flag', git: 'flag', issueLimit: 'number', licenceTypeId: 'number' },
  ...{ limitDate: 'time', nulabAccount: 'flag', parentChildIssue: 'flag' },
  ...{ postIssueByMail: 'flag', projectLimit: 'number' },
  ...{ pullRequestAttachmentLimitPerFile: 'number', pullRequestAttachmentNumLimit: 'number' },
  ...{ remoteAddress: 'flag', startedOn: 'time', storageLimit: 'number', subversion: 'flag' },
  ...{ subversionExternal: 'flag', userLimit: 'number', versionLimit: 'number' },
  ...{ wikiAttachment: 'flag', wikiAttachmentLimitPerFile: 'number' },
  wikiAttachmentNumLimit: 'number',
} as const satisfies Shape<Omit<Entity.License.License, 'remoteAddressLimit'>>

export const PROJECT = {
  ...{ id: 'number', projectKey: 'text', name: 'text', chartEnabled: 'flag' },
  ...{ useResolvedForChart: 'flag', subtaskingEnabled: 'flag' },
  ...{ projectLeaderCanEditProjectLeader: 'flag', useWiki: 'flag', useFileSharing: 'flag' },
  ...{ useWikiTreeView: 'flag', useOriginalImageSizeAtWiki: 'flag', useSubversion: 'flag' },
  ...{ useGit: 'flag', textFormattingRule: 'text', archived: 'flag', displayOrder: 'number' },
  useDevAttributes: 'flag',
} as const satisfies Shape<Entity.Project.Project>

export const STATUS = {
  ...{ id: 'number', projectId: 'number', name: 'text', color: 'text', displayOrder: 'number' },
} as const satisfies Shape<Entity.Project.ProjectStatus>
export const ISSUE_TYPE = {
  ...{ ...STATUS, templateSummary: 'text?', templateDescription: 'text?' },
} as const satisfies Shape<Entity.Issue.IssueType>
export const CATEGORY = {
  ...{ id: 'number', projectId: 'number', name: 'text', displayOrder: 'number' },
} as const satisfies Shape<Entity.Project.Category>
export const VERSION = {
  ...{ id: 'number', projectId: 'number', name: 'text', description: 'text', startDate: 'day?' },
  ...{ releaseDueDate: 'day?', archived: 'flag', displayOrder: 'number' },
} as const satisfies Shape<Entity.Project.Version>
export const CUSTOM_FIELD = {
  ...{ id: 'number', projectId: 'number', typeId: 'number', name: 'text', description: 'text' },
  ...{ required: 'flag', useIssueType: 'flag', applicableIssueTypes: 'list' },
  ...{ displayOrder: 'number', version: 'number' },
} as const satisfies Shape<Entity.Project.CustomField>
export const SHARED_FILE = {
  ...{ id: 'number', projectId: 'number', type: 'text', dir: 'text', name: 'text' },
  ...{ size: 'number?', ...STAMPS },
} as const satisfies Shape<Entity.Project.SharedFile>
export const WEBHOOK = {
  ...{ id: 'number', name: 'text', description: 'text', hookUrl: 'text', allEvent: 'flag' },
  ...{ activityTypeIds: 'list', ...STAMPS },
} as const satisfies Shape<Entity.Webhook.Webhook>
export const TEAM = {
  ...{ id: 'number', name: 'text', members: 'list', displayOrder: 'number?', ...STAMPS },
} as const satisfies Shape<Entity.Team.Team>

export const ISSUE = {
  ...{ id: 'number', projectId: 'number', issueKey: 'text', keyId: 'number' },
  ...{ issueType: 'object', summary: 'text', description: 'text', resolution: 'object?' },
  ...{ priority: 'object', status: 'object', assignee: 'object?', category: 'list' },
  ...{ versions: 'list', milestone: 'list', startDate: 'day?', dueDate: 'day?' },
  ...{ estimatedHours: 'number?', actualHours: 'number?', parentIssueId: 'number?', ...STAMPS },
  ...{ customFields: 'list', attachments: 'list', sharedFiles: 'list', stars: 'list' },
} as const satisfies Shape<Entity.Issue.Issue>
export const COMMENT = {
  ...{ id: 'number', projectId: 'number', issueId: 'number', content: 'text?' },
  ...{ changeLog: 'list', createdUser: 'object?', created: 'time', updated: 'time' },
  ...{ stars: 'list', notifications: 'list' },
} as const satisfies Shape<Entity.Issue.Comment>
export const ATTACHMENT = {
  ...{ id: 'number', name: 'text', size: 'number', createdUser: 'object?', created: 'time' },
} as const satisfies Shape<Entity.File.IssueFileInfo>
export const STAR = {
  ...{ id: 'number', comment: 'text?', url: 'text', title: 'text', presenter: 'object?' },
  created: 'time',
} as const satisfies Shape<Entity.Star.Star>
export const ACTIVITY = {
  ...{ id: 'number', project: 'object', type: 'number', content: 'object' },
  ...{ notifications: 'list', createdUser: 'object?', created: 'time' },
} as const satisfies Shape<Entity.Activity.Activity>
export const NOTIFICATION = {
  ...{ id: 'number', alreadyRead: 'flag', reason: 'number', resourceAlreadyRead: 'flag' },
  ...{ project: 'object', issue: 'object?', comment: 'object?', pullRequest: 'object?' },
  ...{ pullRequestComment: 'object?', sender: 'object?', created: 'time' },
} as const satisfies Shape<Entity.Notification.Notification>
export const WATCHING = {
  ...{ id: 'number', resourceAlreadyRead: 'flag', note: 'text', type: 'text', issue: 'object' },
  ...{ lastContentUpdated: 'time', created: 'time', updated: 'time' },
} as const satisfies Shape<Entity.WatchingList.WatchingListItem>

export const WIKI_ITEM = {
  ...{ id: 'number', projectId: 'number', name: 'text', tags: 'list', ...STAMPS },
} as const satisfies Shape<Entity.Wiki.WikiListItem>
export const WIKI = {
  ...{ ...WIKI_ITEM, content: 'text', attachments: 'list', sharedFiles: 'list', stars: 'list' },
} as const satisfies Shape<Entity.Wiki.Wiki>
export const WIKI_VERSION = {
  ...{ pageId: 'number', version: 'number', name: 'text', content: 'text' },
  ...{ createdUser: 'object?', created: 'time' },
} as const satisfies Shape<Entity.Wiki.History>
/** `childDocumentIds` is not in the public documents; `json` may be an object, so it is not looked at. */
export const DOCUMENT = {
  ...{ id: 'text', projectId: 'number', title: 'text', plain: 'text', statusId: 'number' },
  ...{ emoji: 'text?', attachments: 'list', tags: 'list', ...STAMPS },
} as const satisfies Shape<Omit<Entity.Document.Document, 'childDocumentIds' | 'json'>>
export const DOCUMENT_TREE = {
  ...{ projectId: 'number', activeTree: 'object', trashTree: 'object' },
} as const satisfies Shape<Entity.Document.DocumentTree>

export const REPOSITORY = {
  ...{ id: 'number', projectId: 'number', name: 'text', description: 'text?', hookUrl: 'text?' },
  ...{ httpUrl: 'text', sshUrl: 'text', displayOrder: 'number', pushedAt: 'time?', ...STAMPS },
} as const satisfies Shape<Entity.Git.GitRepository>
export const PULL_REQUEST = {
  ...{ id: 'number', projectId: 'number', repositoryId: 'number', number: 'number' },
  ...{ summary: 'text', description: 'text', base: 'text', branch: 'text', status: 'object' },
  ...{ assignee: 'object?', issue: 'object?', baseCommit: 'text?', branchCommit: 'text?' },
  ...{ mergeCommit: 'text?', closeAt: 'time?', mergeAt: 'time?', ...STAMPS },
  ...{ attachments: 'list', stars: 'list' },
} as const satisfies Shape<Entity.PullRequest.PullRequest>
export const PULL_COMMENT = {
  ...{ id: 'number', content: 'text?', changeLog: 'list', createdUser: 'object?' },
  ...{ created: 'time', updated: 'time', stars: 'list', notifications: 'list' },
} as const satisfies Shape<Entity.PullRequest.Comment>

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  number: value => typeof value === 'number',
  text: value => typeof value === 'string',
  flag: value => typeof value === 'boolean',
  list: Array.isArray,
  object: value => typeof value === 'object' && value !== null && !Array.isArray(value),
  time: value => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(String(value)),
  day: value => /^\d{4}-\d\d-\d\dT00:00:00Z$/.test(String(value)),
}

/** What is not as the shape says, `created: expected time, found 2026`; empty when all is. */
export function misfits(value: unknown, shape: Readonly<Record<string, Kind>>): string[] {
  if (!KINDS['object']!(value)) return [`expected an object, found ${JSON.stringify(value)}`]
  const all = value as Readonly<Record<string, unknown>>
  return Object.entries(shape).flatMap(([name, kind]) => {
    const found = all[name]
    const fits = (found === null && kind.endsWith('?')) || KINDS[kind.replace('?', '')]!(found)
    return fits ? [] : [`${name}: expected ${kind}, found ${JSON.stringify(found)}`]
  })
}
