/**
 * Every GET that `backlog-js` offers: with which arguments it is called, and what has to come back; and by
 * name those that the stand-in does not serve, each with its reason.
 * Used by backlog-js.test.ts, whose space has these ids. Both tables together are complete: the compiler
 * and the test refuse a method that is in neither.
 * Spec: backlog-replication 3.2, 3.5.
 */
import type { Backlog } from 'backlog-js'
import * as shape from './backlog-js-shapes.ts'

export type GetName =
  Extract<keyof Backlog, `get${string}` | `download${string}`> extends infer N
    ? Exclude<N, 'get' | 'download'>
    : never
type Answer<N extends GetName> = Awaited<ReturnType<Backlog[N]>>

/** `offset` and `id`: in pages, by 1.3; `short`: pages of a list that is too short to have two. */
export type Paging = 'offset' | 'id' | 'short' | 'whole'

export interface GetCase {
  readonly args: readonly unknown[]
  readonly shape: Readonly<Record<string, shape.Kind>>
  /** Of a list. */
  readonly paging?: Paging
}

type CaseOf<N extends GetName> = GetCase & {
  readonly args: Parameters<Backlog[N]>
} & (Answer<N> extends readonly unknown[]
    ? { readonly paging: Paging }
    : { readonly paging?: never })

const IMAGE = 'an image or a file: the product copies no bytes of files'
const FROM_LIST = 'the product reads the whole list'
const UNCOUNTED = 'the product counts what it read'

export const NOT_SERVED = {
  getSpaceIcon: { args: [], why: IMAGE },
  getUserIcon: { args: [40_001], why: IMAGE },
  getProjectIcon: { args: [101], why: IMAGE },
  getTeamIcon: { args: [77], why: IMAGE },
  getSharedFile: { args: [101, 10_102], why: IMAGE },
  getIssueAttachment: { args: [880_001, 1], why: IMAGE },
  getWikiAttachment: { args: [10_101, 101_010], why: IMAGE },
  getPullRequestAttachment: { args: [101, '1015', 2, 1], why: IMAGE },
  downloadDocumentAttachment: { args: ['0193998340', 1], why: IMAGE },
  getUserStarsCount: { args: [40_003, {}], why: UNCOUNTED },
  getIssueCommentsCount: { args: [880_001], why: UNCOUNTED },
  getPullRequestCommentsCount: { args: [101, '1015', 1], why: UNCOUNTED },
  getWatchingListCount: { args: [40_001], why: UNCOUNTED },
  getNotificationsCount: {
    args: [{ alreadyRead: false, resourceAlreadyRead: false }],
    why: UNCOUNTED,
  },
  getWebhook: { args: [101, '3'], why: FROM_LIST },
  getIssueComment: { args: [880_001, 880_001_000], why: FROM_LIST },
  getGitRepository: { args: [101, '1015'], why: FROM_LIST },
  getWatchingListItem: { args: [1], why: FROM_LIST },
  getTeam: { args: [77], why: FROM_LIST },
  getIssueCommentNotifications: {
    args: [880_001, 880_001_000],
    why: 'comments hold their notifications',
  },
} as const satisfies {
  readonly [N in GetName]?: {
    readonly args: Readonly<Parameters<Backlog[N]>>
    readonly why: string
  }
}

const DOCUMENT = `01939983400079d5a06a498597800101`

export const GETS: { readonly [N in Exclude<GetName, keyof typeof NOT_SERVED>]: CaseOf<N> } = {
  getSpace: { args: [], shape: shape.SPACE },
  getSpaceActivities: { args: [{}], shape: shape.ACTIVITY, paging: 'id' },
  getSpaceNotification: { args: [], shape: { content: 'text', updated: 'time?' } },
  getSpaceDiskUsage: { args: [], shape: shape.SPACE_USAGE },
  getLicence: { args: [], shape: shape.LICENCE },
  getRateLimit: { args: [], shape: { rateLimit: 'object' } },
  getUsers: { args: [], shape: shape.USER, paging: 'whole' },
  getUser: { args: [40_002], shape: shape.USER },
  getMyself: { args: [], shape: shape.USER },
  getUserActivities: { args: [40_001, {}], shape: shape.ACTIVITY, paging: 'id' },
  getUserStars: { args: [40_003, {}], shape: shape.STAR, paging: 'id' },
  getRecentlyViewedIssues: {
    ...{ args: [{}], shape: { issue: 'object', updated: 'time' }, paging: 'offset' },
  },
  getRecentlyViewedProjects: {
    ...{ args: [{}], shape: { project: 'object', updated: 'time' }, paging: 'offset' },
  },
  getRecentlyViewedWikis: {
    ...{ args: [{}], shape: { page: 'object', updated: 'time' }, paging: 'offset' },
  },
  getWatchingListItems: { args: [40_001, {}], shape: shape.WATCHING, paging: 'short' },
  getNotifications: { args: [{}], shape: shape.NOTIFICATION, paging: 'id' },
  getTeams: { args: [{}], shape: shape.TEAM, paging: 'short' },
  getPriorities: { args: [], shape: shape.ID_NAME, paging: 'whole' },
  getResolutions: { args: [], shape: shape.ID_NAME, paging: 'whole' },

  getProjects: { args: [{ all: true }], shape: shape.PROJECT, paging: 'whole' },
  getProject: { args: ['OPS'], shape: shape.PROJECT },
  getProjectActivities: { args: ['OPS', {}], shape: shape.ACTIVITY, paging: 'id' },
  getProjectUsers: { args: [101], shape: shape.USER, paging: 'whole' },
  getProjectAdministrators: { args: [101], shape: shape.MEMBER, paging: 'whole' },
  getProjectStatuses: { args: [101], shape: shape.STATUS, paging: 'whole' },
  getIssueTypes: { args: [101], shape: shape.ISSUE_TYPE, paging: 'whole' },
  getCategories: { args: [101], shape: shape.CATEGORY, paging: 'whole' },
  getVersions: { args: [101], shape: shape.VERSION, paging: 'whole' },
  getCustomFields: { args: [101], shape: shape.CUSTOM_FIELD, paging: 'whole' },
  getSharedFiles: { args: [101, 'design', {}], shape: shape.SHARED_FILE, paging: 'offset' },
  getProjectsDiskUsage: { args: [101], shape: shape.PROJECT_USAGE },
  getWebhooks: { args: [101], shape: shape.WEBHOOK, paging: 'whole' },
  getProjectTeams: { args: [101], shape: shape.TEAM, paging: 'whole' },

  getIssues: { args: [{}], shape: shape.ISSUE, paging: 'offset' },
  getIssuesCount: { args: [{}], shape: shape.COUNT },
  getIssue: { args: [880_001], shape: shape.ISSUE },
  getIssueComments: { args: [880_001, {}], shape: shape.COMMENT, paging: 'id' },
  getIssueAttachments: { args: [880_001], shape: shape.ATTACHMENT, paging: 'whole' },
  getIssueParticipants: { args: [880_001], shape: shape.MEMBER, paging: 'whole' },
  getIssueSharedFiles: { args: [880_001], shape: shape.SHARED_FILE, paging: 'whole' },
  getRelatedIssues: {
    ...{ args: [880_005], shape: { ...shape.ISSUE, type: 'text' }, paging: 'whole' },
  },

  getWikis: { args: [{ projectIdOrKey: 'OPS' }], shape: shape.WIKI_ITEM, paging: 'whole' },
  getWikisCount: { args: ['OPS'], shape: shape.COUNT },
  getWikisTags: { args: [101], shape: shape.ID_NAME, paging: 'whole' },
  getWiki: { args: [10_101], shape: shape.WIKI },
  getWikisAttachments: { args: [10_101], shape: shape.ATTACHMENT, paging: 'whole' },
  getWikisSharedFiles: { args: [10_102], shape: shape.SHARED_FILE, paging: 'whole' },
  getWikisHistory: { args: [10_101, {}], shape: shape.WIKI_VERSION, paging: 'id' },
  getWikisStars: { args: [10_103], shape: shape.STAR, paging: 'whole' },
  getDocuments: { args: [{ offset: 0 }], shape: shape.DOCUMENT, paging: 'offset' },
  getDocumentTree: { args: [101], shape: shape.DOCUMENT_TREE },
  getDocument: { args: [DOCUMENT], shape: shape.DOCUMENT },

  getGitRepositories: { args: [101], shape: shape.REPOSITORY, paging: 'whole' },
  getPullRequests: { args: [101, '1015', {}], shape: shape.PULL_REQUEST, paging: 'offset' },
  getPullRequestsCount: { args: [101, 'infra', {}], shape: shape.COUNT },
  getPullRequest: { args: [101, 'infra', 1], shape: shape.PULL_REQUEST },
  getPullRequestComments: { args: [101, '1015', 1, {}], shape: shape.PULL_COMMENT, paging: 'id' },
  getPullRequestAttachments: { args: [101, '1015', 2], shape: shape.ATTACHMENT, paging: 'whole' },
}
