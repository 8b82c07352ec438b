/**
 * Tables of the space itself, its users and teams, and of the user who reads. Data only.
 * Part of the catalogue.
 * Spec: backlog-replication 1.7, 1.9.
 */
import { ACTIVITY, USAGE, withTypeName } from './activity.ts'
import {
  type CatalogueTable,
  childOf,
  MEMBER,
  SPACE_LIST,
  STAMPS,
  STAR,
  table,
} from './catalogue-table.ts'
import { limitsByClass } from './rate-limits.ts'

const ONE_ROW = { kind: 'extra', method: 'FULL', iteration: 'space', paging: 'single' } as const
const SMALL_LIST = { ...SPACE_LIST, method: 'FULL' } as const
const VIEWED = { ...SPACE_LIST, kind: 'extra', method: 'FULL', paging: 'offset' } as const
const OF_USER = {
  kind: 'extra',
  method: 'MIN-ID',
  iteration: 'user',
  paging: 'id',
  isDescending: true,
} as const
export const TEAM = `Name:string DisplayOrder:int MemberCount:int=members# ${STAMPS}`

export const SPACE_TABLES: readonly CatalogueTable[] = [
  table(
    'Users',
    { ...SPACE_LIST, path: 'users' },
    {
      key: 'Id',
      columns:
        'Id:long UserId:string Name:string RoleType:int Lang:string MailAddress:string LastLoginTime:timestamp NulabId:string=nulabAccount.nulabId NulabUniqueId:string=nulabAccount.uniqueId NulabName:string=nulabAccount.name IconUrl:string=nulabAccount.iconUrl',
    },
  ),
  table(
    'UserReceivedStars',
    { ...OF_USER, path: 'users/{user}/stars' },
    { key: 'UserId Id', columns: `UserId:long=@user ${STAR}` },
  ),
  table(
    'UserRecentUpdates',
    { ...OF_USER, path: 'users/{user}/activities', rows: withTypeName },
    {
      key: 'UserId Id',
      columns: `UserId:long=@user Id:long ProjectId:long=project.id ${ACTIVITY}`,
    },
  ),
  table(
    'UserRecentlyViewedIssues',
    { ...VIEWED, path: 'users/myself/recentlyViewedIssues' },
    {
      key: 'UserId IssueId',
      columns:
        'UserId:long=@myself IssueId:long=issue.id IssueKey:string=issue.issueKey Summary:string=issue.summary Updated:timestamp',
    },
  ),
  table(
    'UserRecentlyViewedProjects',
    { ...VIEWED, path: 'users/myself/recentlyViewedProjects' },
    {
      key: 'UserId ProjectId',
      columns:
        'UserId:long=@myself ProjectId:long=project.id ProjectKey:string=project.projectKey Name:string=project.name Updated:timestamp',
    },
  ),
  table(
    'UserRecentlyViewedWikiPages',
    { ...VIEWED, path: 'users/myself/recentlyViewedWikis' },
    {
      key: 'UserId WikiId',
      columns:
        'UserId:long=@myself WikiId:long=page.id ProjectId:long=page.projectId Name:string=page.name Updated:timestamp',
    },
  ),
  table(
    'Watchings',
    {
      ...SPACE_LIST,
      path: 'users/{myself}/watchings',
      paging: 'offset',
      params: { sort: 'created', order: 'asc' },
    },
    {
      key: 'UserId Id',
      columns:
        'UserId:long=@myself Id:long IssueId:long=issue.id IssueKey:string=issue.issueKey ResourceAlreadyRead:boolean Note:string Type:string LastContentUpdated:timestamp Created:timestamp Updated:timestamp',
    },
  ),
  table(
    'Notifications',
    {
      ...SPACE_LIST,
      path: 'notifications',
      paging: 'id',
      method: 'MIN-ID + WINDOW',
      isDescending: true,
    },
    {
      key: 'UserId Id',
      columns:
        'UserId:long=@myself Id:long AlreadyRead:boolean ResourceAlreadyRead:boolean Reason:int ProjectId:long=project.id IssueId:long=issue.id IssueKey:string=issue.issueKey CommentId:long=comment.id PullRequestId:long=pullRequest.id PullRequestCommentId:long=pullRequestComment.id DocumentId:string=document.id SenderId:long=sender.id SenderName:string=sender.name Created:timestamp',
    },
  ),
  table(
    'Teams',
    { ...SPACE_LIST, path: 'teams', paging: 'offset' },
    { key: 'Id', columns: `Id:long ${TEAM}` },
  ),
  table('TeamMembers', childOf('Teams', 'members', ['TeamId']), {
    key: 'TeamId UserId',
    columns: `TeamId:long=@parent.id ${MEMBER}`,
  }),
  table(
    'Groups',
    { ...SPACE_LIST, kind: 'extra', path: 'groups', paging: 'offset', isOptional: true },
    { key: 'Id', columns: `Id:long ${TEAM}` },
  ),
  table(
    'Space',
    { ...ONE_ROW, kind: 'table', path: 'space' },
    {
      key: 'SpaceKey',
      columns:
        'SpaceKey:string Name:string OwnerId:long Lang:string Timezone:string ReportSendTime:string TextFormattingRule:string Created:timestamp Updated:timestamp',
    },
  ),
  table(
    'SpaceUpdates',
    {
      kind: 'table',
      method: 'MIN-ID',
      path: 'space/activities',
      iteration: 'space',
      paging: 'id',
      isDescending: true,
      rows: withTypeName,
    },
    {
      key: 'SpaceKey Month Id',
      partition: 2,
      columns: `SpaceKey:string=@space Month:string=@month Id:long ProjectId:long=project.id ${ACTIVITY}`,
    },
  ),
  table(
    'SpaceNotifications',
    { ...ONE_ROW, path: 'space/notification' },
    { key: 'SpaceKey', columns: 'SpaceKey:string=@space Content:string Updated:timestamp' },
  ),
  table(
    'SpaceDiskUsage',
    { ...ONE_ROW, path: 'space/diskUsage' },
    { key: 'SpaceKey', columns: `SpaceKey:string=@space ${USAGE}` },
  ),
  table('SpaceDiskUsageDetails', childOf('SpaceDiskUsage', 'details', ['SpaceKey']), {
    key: 'SpaceKey ProjectId',
    columns: `SpaceKey:string=@space ProjectId:long ${USAGE}`,
  }),
  table(
    'Licenses',
    { ...ONE_ROW, path: 'space/licence' },
    {
      key: 'SpaceKey',
      columns:
        'SpaceKey:string=@space Active:boolean LicenceTypeId:int StartedOn:timestamp LimitDate:timestamp StorageLimit:long UserLimit:int ProjectLimit:int IssueLimit:int CommentLimit:int VersionLimit:int ComponentLimit:int AttributeLimit:int AttachmentLimit:long AttachmentLimitPerFile:long AttachmentNumLimit:int WikiAttachmentLimitPerFile:long WikiAttachmentNumLimit:int PullRequestAttachmentLimitPerFile:long PullRequestAttachmentNumLimit:int Attribute:boolean Burndown:boolean FileSharing:boolean Gantt:boolean Git:boolean Subversion:boolean SubversionExternal:boolean ParentChildIssue:boolean PostIssueByMail:boolean ProjectGroup:boolean NulabAccount:boolean RemoteAddress:boolean WikiAttachment:boolean',
    },
  ),
  table(
    'Priorities',
    { ...SMALL_LIST, path: 'priorities' },
    { key: 'Id', columns: 'Id:long Name:string' },
  ),
  table(
    'Resolutions',
    { ...SMALL_LIST, path: 'resolutions' },
    { key: 'Id', columns: 'Id:long Name:string' },
  ),
  table(
    'RateLimits',
    { ...ONE_ROW, path: 'rateLimit', rows: limitsByClass },
    {
      key: 'SpaceKey Class',
      columns:
        'SpaceKey:string=@space Class:string LimitPerMinute:int=limit Remaining:int ResetAt:timestamp',
    },
  ),
]
