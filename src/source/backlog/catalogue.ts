/**
 * The tables of a Backlog space: where each is read, how it is paged, its key, its columns, and how
 * changes are found. Data only; `backlog-reader.ts` walks it.
 * A column is `Name:type` with the payload's member in camel case, or `Name:type=path`; in a path
 * `a.b` descends, `a[].b` is a list, `a#` its length, `@x` a value of the loop.
 * `U(Created)` is the four columns of a user.
 * Spec: backlog-replication 1.7, 1.8, 1.9.
 */
export type ColumnType =
  | 'long'
  | 'int'
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'double'
  | 'date'
  | 'timestamp'
  | 'json'
  | 'list<long>'
  | 'list<int>'
  | 'list<string>'

export interface CatalogueColumn {
  readonly name: string
  readonly type: ColumnType
  readonly path: string
}

/** What is looped over before the resource is asked. */
export type Iteration = 'space' | 'project' | 'repository' | 'issue'

export type Method =
  | 'FULL'
  | 'FULL-HASH'
  | 'UPDATED-DATE'
  | 'CHILD-OF-CHANGED'
  | 'MIN-ID'
  | 'LIST-DIFF'
  | 'WITH-PARENT'

export interface CatalogueTable {
  readonly name: string
  readonly kind: 'table' | 'derived' | 'extra'
  readonly method: Method
  /** Below `/api/v2`; names in braces are filled by the loop. */
  readonly path: string
  readonly iteration: Iteration
  readonly paging: 'none' | 'offset' | 'id' | 'single'
  readonly params?: Readonly<Record<string, string>>
  /** Derived: the table whose payload holds the rows, and the member. */
  readonly parent?: string
  readonly member?: string
  /** Columns that identify a row; the first `partition` of them make the partition key. */
  readonly key: readonly string[]
  readonly partition: number
  /** Derived and issue tables: the columns that name the parent row. */
  readonly parentKey?: readonly string[]
  readonly check?: string
  readonly columns: readonly CatalogueColumn[]
}

type Given = Omit<CatalogueTable, 'columns' | 'name' | 'partition' | 'key'>

function table(
  name: string,
  given: Given,
  shape: { key: string; columns: string; partition?: number },
): CatalogueTable {
  const columns = shape.columns.replace(/U\((\w+)\)/g, (_, prefix: string) => userColumns(prefix))
  const key = shape.key.split(' ')
  return {
    name,
    ...given,
    key,
    partition: shape.partition ?? 1,
    columns: columns.trim().split(/\s+/).map(toColumn),
  }
}

function userColumns(prefix: string): string {
  const member = `${prefix.charAt(0).toLowerCase()}${prefix.slice(1)}User`
  return [
    ['UserId', 'long', 'id'],
    ['UserUserId', 'string', 'userId'],
    ['UserName', 'string', 'name'],
    ['UserMailAddress', 'string', 'mailAddress'],
  ]
    .map(([name, type, of]) => `${prefix}${name}:${type}=${member}.${of}`)
    .join(' ')
}

function toColumn(text: string): CatalogueColumn {
  const [, name = '', type = '', path] = /^(\w+):([\w<>]+)(?:=(.+))?$/.exec(text) ?? []
  return {
    name,
    type: type as ColumnType,
    path: path ?? `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
  }
}

const PROJECT_LIST = {
  kind: 'table',
  method: 'FULL-HASH',
  iteration: 'project',
  paging: 'none',
} as const
const SPACE_LIST = {
  kind: 'table',
  method: 'FULL-HASH',
  iteration: 'space',
  paging: 'none',
} as const
const ONE_ROW = { kind: 'extra', method: 'FULL', iteration: 'space', paging: 'single' } as const
const STAMPS = 'U(Created) Created:timestamp U(Updated) Updated:timestamp'
const USER =
  'UserId:long=id UserUserId:string=userId UserName:string=name RoleType:int Lang:string MailAddress:string LastLoginTime:timestamp'
const USAGE =
  'Capacity:long Issue:long Wiki:long File:long Subversion:long Git:long GitLFS:long=gitLFS PullRequest:long'
const FILE = `Id:long Type:string Dir:string Name:string Size:long ${STAMPS}`
const TEAM = `Name:string DisplayOrder:int MemberCount:int=members# ${STAMPS}`
const STAR =
  'Id:long Comment:string Url:string Title:string PresenterId:long=presenter.id PresenterName:string=presenter.name Created:timestamp'
const ACTIVITY =
  'Type:int ProjectId:long=project.id ProjectKey:string=project.projectKey ContentId:long=content.id ContentKeyId:long=content.key_id ContentSummary:string=content.summary Content:json U(Created) Created:timestamp'

function childOf(parent: string, member: string, key: readonly string[]): Given {
  return {
    kind: 'derived',
    method: 'WITH-PARENT',
    path: '',
    iteration: 'space',
    paging: 'none',
    parent,
    member,
    parentKey: key,
  }
}
const ISSUE_CHILD = (member: string) => childOf('Issues', member, ['IssueId'])
const COMMENT_CHILD = (member: string) => childOf('IssueComments', member, ['IssueId', 'CommentId'])

export const CATALOGUE: readonly CatalogueTable[] = [
  table(
    'Projects',
    { ...SPACE_LIST, path: 'projects' },
    {
      key: 'Id',
      columns:
        'Id:long ProjectKey:string Name:string ChartEnabled:boolean UseResolvedForChart:boolean SubtaskingEnabled:boolean GrandchildIssueEnabled:boolean ProjectLeaderCanEditProjectLeader:boolean UseWiki:boolean UseFileSharing:boolean UseWikiTreeView:boolean UseOriginalImageSizeAtWiki:boolean UseSubversion:boolean UseGit:boolean UseDevAttributes:boolean TextFormattingRule:string Archived:boolean DisplayOrder:long',
    },
  ),
  table(
    'Issues',
    {
      kind: 'table',
      method: 'UPDATED-DATE',
      path: 'issues',
      iteration: 'space',
      paging: 'offset',
      check: 'Updated',
    },
    {
      key: 'Id',
      columns:
        'Id:long ProjectId:long IssueKey:string KeyId:long IssueTypeId:long=issueType.id IssueTypeName:string=issueType.name IssueTypeColor:string=issueType.color Summary:string Description:string ResolutionId:long=resolution.id ResolutionName:string=resolution.name PriorityId:long=priority.id PriorityName:string=priority.name StatusId:long=status.id StatusName:string=status.name StatusColor:string=status.color AssigneeId:long=assignee.id AssigneeUserId:string=assignee.userId AssigneeName:string=assignee.name AssigneeMailAddress:string=assignee.mailAddress CategoryIds:list<long>=category[].id CategoryNames:list<string>=category[].name VersionIds:list<long>=versions[].id VersionNames:list<string>=versions[].name MilestoneIds:list<long>=milestone[].id MilestoneNames:list<string>=milestone[].name StartDate:date DueDate:date EstimatedHours:decimal ActualHours:decimal ParentIssueId:long U(Created) Created:timestamp U(Updated) Updated:timestamp CustomFields:json AttachmentCount:int=attachments# SharedFileCount:int=sharedFiles# StarCount:int=stars# Url:string=@issueUrl',
    },
  ),
  table(
    'IssueComments',
    {
      kind: 'table',
      method: 'CHILD-OF-CHANGED',
      path: 'issues/{issue}/comments',
      iteration: 'issue',
      paging: 'id',
      parentKey: ['IssueId'],
    },
    {
      key: 'IssueId Id',
      columns:
        'IssueId:long=@issue Id:long ProjectId:long=@project Content:string U(Created) Created:timestamp Updated:timestamp ChangeLogCount:int=changeLog# StarCount:int=stars# NotificationCount:int=notifications# ChangeLog:json',
    },
  ),
  table(
    'IssueParticipants',
    {
      kind: 'extra',
      method: 'CHILD-OF-CHANGED',
      path: 'issues/{issue}/participants',
      iteration: 'issue',
      paging: 'none',
      parentKey: ['IssueId'],
    },
    { key: 'IssueId UserId', columns: `IssueId:long=@issue ${USER}` },
  ),
  table('IssueCategories', ISSUE_CHILD('category'), {
    key: 'IssueId CategoryId',
    columns:
      'IssueId:long=@parent.id CategoryId:long=id ProjectId:long=@parent.projectId Name:string',
  }),
  table('IssueVersions', ISSUE_CHILD('versions'), {
    key: 'IssueId VersionId',
    columns:
      'IssueId:long=@parent.id VersionId:long=id ProjectId:long=@parent.projectId Name:string ReleaseDueDate:date Archived:boolean',
  }),
  table('IssueMilestones', ISSUE_CHILD('milestone'), {
    key: 'IssueId MilestoneId',
    columns:
      'IssueId:long=@parent.id MilestoneId:long=id ProjectId:long=@parent.projectId Name:string ReleaseDueDate:date Archived:boolean',
  }),
  table('IssueAttachments', ISSUE_CHILD('attachments'), {
    key: 'IssueId Id',
    columns: 'IssueId:long=@parent.id Id:long Name:string Size:long',
  }),
  table('IssueLinkedSharedFiles', ISSUE_CHILD('sharedFiles'), {
    key: 'IssueId Id',
    columns: `IssueId:long=@parent.id ${FILE}`,
  }),
  table('IssueStars', ISSUE_CHILD('stars'), {
    key: 'IssueId Id',
    columns: `IssueId:long=@parent.id ${STAR}`,
  }),
  table('IssueCustomFieldValues', ISSUE_CHILD('customFields'), {
    key: 'IssueId CustomFieldId',
    columns:
      'IssueId:long=@parent.id CustomFieldId:long=id ProjectId:long=@parent.projectId FieldTypeId:int Name:string Value:json OtherValue:string',
  }),
  table('IssueCommentChangeLog', COMMENT_CHILD('changeLog'), {
    key: 'IssueId CommentId Position',
    columns:
      'IssueId:long=@issue CommentId:long=@parent.id Position:int=@position Field:string NewValue:string OriginalValue:string AttachmentId:long=attachmentInfo.id AttachmentName:string=attachmentInfo.name AttributeId:long=attributeInfo.id AttributeTypeId:string=attributeInfo.typeId NotificationType:string=notificationInfo.type',
  }),
  table('IssueCommentNotifications', COMMENT_CHILD('notifications'), {
    key: 'IssueId CommentId Id',
    columns:
      'IssueId:long=@issue CommentId:long=@parent.id Id:long AlreadyRead:boolean Reason:int ResourceAlreadyRead:boolean UserId:long=user.id UserName:string=user.name',
  }),
  table('IssueCommentStars', COMMENT_CHILD('stars'), {
    key: 'IssueId CommentId Id',
    columns: `IssueId:long=@issue CommentId:long=@parent.id ${STAR}`,
  }),
  table(
    'ProjectStatuses',
    { ...PROJECT_LIST, path: 'projects/{project}/statuses' },
    {
      key: 'ProjectId Id',
      columns: 'ProjectId:long=@project Id:long Name:string Color:string DisplayOrder:int',
    },
  ),
  table(
    'ProjectIssueTypes',
    { ...PROJECT_LIST, path: 'projects/{project}/issueTypes' },
    {
      key: 'ProjectId Id',
      columns:
        'ProjectId:long=@project Id:long Name:string Color:string DisplayOrder:int TemplateSummary:string TemplateDescription:string',
    },
  ),
  table(
    'ProjectCategories',
    { ...PROJECT_LIST, path: 'projects/{project}/categories' },
    {
      key: 'ProjectId Id',
      columns: 'ProjectId:long=@project Id:long Name:string DisplayOrder:int',
    },
  ),
  table(
    'ProjectVersionMilestones',
    { ...PROJECT_LIST, path: 'projects/{project}/versions' },
    {
      key: 'ProjectId Id',
      columns:
        'ProjectId:long=@project Id:long Name:string Description:string StartDate:date ReleaseDueDate:date Archived:boolean DisplayOrder:int',
    },
  ),
  table(
    'ProjectCustomFields',
    { ...PROJECT_LIST, path: 'projects/{project}/customFields' },
    {
      key: 'ProjectId Id',
      columns:
        'ProjectId:long=@project Id:long TypeId:int Name:string Description:string Required:boolean UseIssueType:boolean ApplicableIssueTypes:list<long>=applicableIssueTypes[] DisplayOrder:int Version:long AllowAddItem:boolean AllowInput:boolean Min:string Max:string InitialValue:double Unit:string ItemCount:int=items#',
    },
  ),
  table(
    'ProjectCustomFieldItems',
    childOf('ProjectCustomFields', 'items', ['ProjectId', 'CustomFieldId']),
    {
      key: 'ProjectId CustomFieldId Id',
      columns:
        'ProjectId:long=@project CustomFieldId:long=@parent.id Id:long Name:string DisplayOrder:int',
    },
  ),
  table(
    'ProjectUsers',
    { ...PROJECT_LIST, path: 'projects/{project}/users' },
    { key: 'ProjectId UserId', columns: `ProjectId:long=@project ${USER}` },
  ),
  table(
    'ProjectAdministrators',
    { ...PROJECT_LIST, path: 'projects/{project}/administrators' },
    { key: 'ProjectId UserId', columns: `ProjectId:long=@project ${USER}` },
  ),
  table(
    'ProjectTeams',
    { ...PROJECT_LIST, path: 'projects/{project}/teams' },
    { key: 'ProjectId TeamId', columns: `ProjectId:long=@project TeamId:long=id ${TEAM}` },
  ),
  table('ProjectTeamMembers', childOf('ProjectTeams', 'members', ['ProjectId', 'TeamId']), {
    key: 'ProjectId TeamId UserId',
    columns: `ProjectId:long=@project TeamId:long=@parent.id ${USER}`,
  }),
  table(
    'ProjectDiskUsage',
    { ...PROJECT_LIST, kind: 'extra', paging: 'single', path: 'projects/{project}/diskUsage' },
    { key: 'ProjectId', columns: `ProjectId:long=@project ${USAGE}` },
  ),
  table(
    'Webhooks',
    { ...PROJECT_LIST, kind: 'extra', path: 'projects/{project}/webhooks' },
    {
      key: 'ProjectId Id',
      columns: `ProjectId:long=@project Id:long Name:string Description:string AllEvent:boolean ActivityTypeIds:list<int>=activityTypeIds[] ${STAMPS}`,
    },
  ),
  table(
    'WikiPages',
    {
      ...PROJECT_LIST,
      method: 'LIST-DIFF',
      path: 'wikis',
      params: { projectIdOrKey: '{project}' },
    },
    {
      key: 'Id',
      columns: `Id:long ProjectId:long Name:string Content:string TagNames:list<string>=tags[].name ${STAMPS} AttachmentCount:int=attachments# SharedFileCount:int=sharedFiles# StarCount:int=stars#`,
    },
  ),
  table('WikiPageTags', childOf('WikiPages', 'tags', ['WikiId']), {
    key: 'WikiId TagId',
    columns: 'WikiId:long=@parent.id TagId:long=id Name:string',
  }),
  table('WikiPageAttachments', childOf('WikiPages', 'attachments', ['WikiId']), {
    key: 'WikiId Id',
    columns: 'WikiId:long=@parent.id Id:long Name:string Size:long',
  }),
  table(
    'WikiTags',
    { ...PROJECT_LIST, kind: 'extra', path: 'wikis/tags', params: { projectIdOrKey: '{project}' } },
    { key: 'ProjectId Id', columns: 'ProjectId:long=@project Id:long Name:string' },
  ),
  table(
    'Documents',
    {
      ...PROJECT_LIST,
      paging: 'offset',
      path: 'documents',
      params: { 'projectId[]': '{project}', sort: 'created', order: 'asc' },
    },
    {
      key: 'Id',
      columns: `Id:string ProjectId:long Title:string Plain:string Json:json StatusId:int Emoji:string TagNames:list<string>=tags[].name AttachmentCount:int=attachments# ${STAMPS}`,
    },
  ),
  table('DocumentTags', childOf('Documents', 'tags', ['DocumentId']), {
    key: 'DocumentId TagId',
    columns: 'DocumentId:string=@parent.id TagId:long=id Name:string',
  }),
  table('DocumentAttachments', childOf('Documents', 'attachments', ['DocumentId']), {
    key: 'DocumentId Id',
    columns:
      'DocumentId:string=@parent.id Id:long Name:string Size:long U(Created) Created:timestamp',
  }),
  table(
    'Repositories',
    { ...PROJECT_LIST, path: 'projects/{project}/git/repositories' },
    {
      key: 'ProjectId Id',
      columns: `ProjectId:long=@project Id:long Name:string Description:string HookUrl:string HttpUrl:string SshUrl:string DisplayOrder:int PushedAt:timestamp ${STAMPS}`,
    },
  ),
  table(
    'PullRequests',
    {
      kind: 'table',
      method: 'FULL-HASH',
      path: 'projects/{project}/git/repositories/{repository}/pullRequests',
      iteration: 'repository',
      paging: 'offset',
    },
    {
      key: 'RepositoryId Number',
      columns: `Id:long ProjectId:long=@project RepositoryId:long=@repository Number:long Summary:string Description:string Base:string Branch:string StatusId:int=status.id StatusName:string=status.name AssigneeId:long=assignee.id AssigneeName:string=assignee.name IssueId:long=issue.id BaseCommit:string BranchCommit:string MergeCommit:string CloseAt:timestamp MergeAt:timestamp ${STAMPS} AttachmentCount:int=attachments# StarCount:int=stars#`,
    },
  ),
  table('PullRequestAttachments', childOf('PullRequests', 'attachments', ['PullRequestId']), {
    key: 'PullRequestId Id',
    columns: 'PullRequestId:long=@parent.id Id:long Name:string Size:long',
  }),
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
    { ...SPACE_LIST, path: 'notifications', paging: 'id', method: 'MIN-ID' },
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
    columns: `TeamId:long=@parent.id ${USER}`,
  }),
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
    { kind: 'table', method: 'MIN-ID', path: 'space/activities', iteration: 'space', paging: 'id' },
    {
      key: 'SpaceKey Month Id',
      partition: 2,
      columns: `SpaceKey:string=@space Month:string=@month Id:long ${ACTIVITY}`,
    },
  ),
  table(
    'ProjectRecentUpdates',
    { ...PROJECT_LIST, kind: 'extra', path: 'projects/{project}/activities', paging: 'id' },
    { key: 'ProjectId Id', columns: `Id:long ${ACTIVITY}` },
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
        'SpaceKey:string=@space Active:boolean LicenceTypeId:int StartedOn:timestamp LimitDate:timestamp StorageLimit:long UserLimit:int ProjectLimit:int IssueLimit:int Git:boolean Gantt:boolean Burndown:boolean ParentChildIssue:boolean Attribute:boolean',
    },
  ),
  table(
    'Priorities',
    { ...SPACE_LIST, path: 'priorities' },
    { key: 'Id', columns: 'Id:long Name:string' },
  ),
  table(
    'Resolutions',
    { ...SPACE_LIST, path: 'resolutions' },
    { key: 'Id', columns: 'Id:long Name:string' },
  ),
]

export const TABLES: ReadonlyMap<string, CatalogueTable> = new Map(
  CATALOGUE.map(one => [one.name, one]),
)
