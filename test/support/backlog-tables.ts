/**
 * Every table of Backlog as the specification writes it: columns with their types, the primary key, and
 * the rows that a copy of the stand-in's dump has. Says so without the catalogue of the product, which
 * is what it is compared with.
 * Spec: backlog-replication 1.7, 1.9.
 */
import type { Dump } from '../../src/demo/index.ts'
import { at, type ExpectedTable, type Json, nodesOf, type Row } from './backlog-values.ts'

const USERS = (name: string) =>
  `${name}UserId bigint, ${name}UserUserId text, ${name}UserName text, ${name}UserMailAddress text`
const STAMPS = `${USERS('Created')}, Created timestamp, ${USERS('Updated')}, Updated timestamp`
const PERSON =
  'UserUserId text, UserName text, RoleType int, Lang text, MailAddress text, LastLoginTime timestamp'
const MEMBER = 'UserUserId text, UserName text, UserRoleType int, UserMailAddress text'
const TEAM = `Name text, DisplayOrder int, MemberCount int, ${STAMPS}`
const STAR =
  'Comment text, Url text, Title text, PresenterId bigint, PresenterName text, Created timestamp'
const FILE = `Id bigint, Type text, Dir text, Name text, Size bigint, ${STAMPS}`
const ATTACHMENT = `Id bigint, Name text, Size bigint, ${USERS('Created')}, Created timestamp`
const USAGE =
  'Capacity bigint, Issue bigint, Wiki bigint, File bigint, Subversion bigint, Git bigint, GitLFS bigint, PullRequest bigint'
const ACTIVITY = `Id bigint, Type int, TypeName text, ProjectId bigint, ProjectKey text, ContentId bigint, ContentKeyId bigint, ContentSummary text, Content text(json), ${USERS('Created')}, Created timestamp`
const CHANGE =
  'Position int, Field text, NewValue text, OriginalValue text, AttachmentId bigint, AttachmentName text, AttributeId bigint, AttributeTypeId text, NotificationType text'
const NOTICE =
  'Id bigint, AlreadyRead boolean, Reason int, ResourceAlreadyRead boolean, UserId bigint, UserName text'

const of = (name: string) => (dump: Dump) => dump[name] ?? []
/** What stands inside other payloads. */
function inside(name: string, member: string, by: (parent: Row) => Json) {
  return (dump: Dump): Row[] =>
    (dump[name] ?? []).flatMap(parent =>
      ((parent.payload[member] ?? []) as Json[]).map((payload, position) => ({
        payload,
        by: { ...parent.by, ...by(parent), position },
      })),
    )
}
const OF_ISSUE = ({ payload }: Row) => ({ issueId: payload['id'], projectId: payload['projectId'] })
const OF_COMMENT = ({ payload }: Row) => ({ commentId: payload['id'] })
const own = (name: string) => ({
  [name]: ({ payload }: Row) => payload['id'],
})
const PERSON_MEMBERS = {
  ...own('UserId'),
  UserUserId: ({ payload }: Row) => payload['userId'],
  UserName: ({ payload }: Row) => payload['name'],
  UserRoleType: ({ payload }: Row) => payload['roleType'],
  UserMailAddress: ({ payload }: Row) => payload['mailAddress'],
}
const CHANGE_MEMBERS = Object.fromEntries(
  [
    ['AttachmentId', 'attachmentInfo', 'id'],
    ['AttachmentName', 'attachmentInfo', 'name'],
    ['AttributeId', 'attributeInfo', 'id'],
    ['AttributeTypeId', 'attributeInfo', 'typeId'],
    ['NotificationType', 'notificationInfo', 'type'],
  ].map(([name, info, member]) => [name, ({ payload }: Row) => at(payload[info!], member!)]),
)
const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: 'issue created',
  2: 'issue updated',
  3: 'issue commented',
  4: 'issue deleted',
  18: 'pull request added',
  19: 'pull request updated',
  20: 'pull request commented',
}
const ACTIVITY_MEMBERS = {
  TypeName: ({ payload }: Row) => TYPE_NAMES[Number(payload['type'])],
  ContentKeyId: ({ payload }: Row) => at(payload['content'], 'key_id'),
  Month: ({ payload }: Row) => String(payload['created']).slice(0, 7),
}
const FIELD_NAMES = [
  ...[
    '',
    'text',
    'text area',
    'number',
    'date',
    'single list',
    'multiple list',
    'checkbox',
    'radio',
  ],
]
const itemsOf = ({ payload }: Row): Json[] | null => {
  const value = payload['value']
  if (Array.isArray(value)) return value
  return typeof value === 'object' && value !== null ? [value as Json] : null
}
const kindValue =
  (...kinds: number[]) =>
  ({ payload }: Row) =>
    kinds.includes(Number(payload['fieldTypeId'])) ? payload['value'] : null

export const EXPECTED: Readonly<Record<string, ExpectedTable>> = {
  Projects: {
    columns:
      'Id bigint, ProjectKey text, Name text, ChartEnabled boolean, UseResolvedForChart boolean, SubtaskingEnabled boolean, GrandchildIssueEnabled boolean, ProjectLeaderCanEditProjectLeader boolean, UseWiki boolean, UseFileSharing boolean, UseWikiTreeView boolean, UseOriginalImageSizeAtWiki boolean, UseSubversion boolean, UseGit boolean, UseDevAttributes boolean, TextFormattingRule text, Archived boolean, DisplayOrder bigint',
    key: '((id))',
    rows: of('projects'),
  },
  Issues: {
    columns: `Id bigint, ProjectId bigint, IssueKey text, KeyId bigint, IssueTypeId bigint, IssueTypeName text, IssueTypeColor text, Summary text, Description text, ResolutionId bigint, ResolutionName text, PriorityId bigint, PriorityName text, StatusId bigint, StatusName text, StatusColor text, AssigneeId bigint, AssigneeUserId text, AssigneeName text, AssigneeMailAddress text, CategoryIds list<bigint>, CategoryNames list<text>, VersionIds list<bigint>, VersionNames list<text>, MilestoneIds list<bigint>, MilestoneNames list<text>, StartDate date, DueDate date, EstimatedHours decimal, ActualHours decimal, ParentIssueId bigint, ${STAMPS}, CustomFields text(json), AttachmentCount int, SharedFileCount int, StarCount int, ChildTotal int, ChildClosed int, Url text`,
    key: '((id))',
    rows: of('issues'),
    members: {
      ChildTotal: ({ payload }) => at(payload['childIssueSummary'], 'total'),
      ChildClosed: ({ payload }) => at(payload['childIssueSummary'], 'closed'),
      Url: ({ payload, by }) => `${by['origin']}/view/${payload['issueKey']}`,
    },
  },
  IssueComments: {
    columns: `IssueId bigint, Id bigint, ProjectId bigint, Content text, ${USERS('Created')}, Created timestamp, Updated timestamp, ChangeLogCount int, StarCount int, NotificationCount int, ChangeLog text(json)`,
    key: '((issue_id), id)',
    rows: of('issueComments'),
  },
  IssueAttachments: {
    columns: `IssueId bigint, ${ATTACHMENT}`,
    key: '((issue_id), id)',
    rows: of('issueAttachments'),
  },
  IssueLinkedSharedFiles: {
    columns: `IssueId bigint, ${FILE}`,
    key: '((issue_id), id)',
    rows: inside('issues', 'sharedFiles', OF_ISSUE),
  },
  IssueCategories: {
    columns: 'IssueId bigint, CategoryId bigint, ProjectId bigint, Name text',
    key: '((issue_id), category_id)',
    rows: inside('issues', 'category', OF_ISSUE),
    members: own('CategoryId'),
  },
  IssueVersions: {
    columns:
      'IssueId bigint, VersionId bigint, ProjectId bigint, Name text, ReleaseDueDate date, Archived boolean',
    key: '((issue_id), version_id)',
    rows: inside('issues', 'versions', OF_ISSUE),
    members: own('VersionId'),
  },
  IssueMilestones: {
    columns:
      'IssueId bigint, MilestoneId bigint, ProjectId bigint, Name text, ReleaseDueDate date, Archived boolean',
    key: '((issue_id), milestone_id)',
    rows: inside('issues', 'milestone', OF_ISSUE),
    members: own('MilestoneId'),
  },
  IssueCustomFieldValues: {
    columns:
      'IssueId bigint, CustomFieldId bigint, ProjectId bigint, FieldTypeId int, Name text, ValueText text, ValueNumber decimal, ValueDate date, ValueItemIds list<bigint>, ValueItemNames list<text>, OtherValue text',
    key: '((issue_id), custom_field_id)',
    rows: inside('issues', 'customFields', OF_ISSUE),
    members: {
      ...own('CustomFieldId'),
      ValueText: kindValue(1, 2),
      ValueNumber: kindValue(3),
      ValueDate: kindValue(4),
      ValueItemIds: row => itemsOf(row)?.map(one => one['id']),
      ValueItemNames: row => itemsOf(row)?.map(one => one['name']),
    },
  },
  IssueStars: {
    columns: `IssueId bigint, Id bigint, ${STAR}`,
    key: '((issue_id), id)',
    rows: inside('issues', 'stars', OF_ISSUE),
  },
  IssueParticipants: {
    columns: `IssueId bigint, UserId bigint, ${PERSON}`,
    key: '((issue_id), user_id)',
    rows: of('issueParticipants'),
    members: PERSON_MEMBERS,
  },
  IssueRelatedIssues: {
    columns: 'IssueId bigint, RelatedIssueId bigint, Type text, RelatedIssueKey text',
    key: '((issue_id), related_issue_id)',
    rows: of('issueRelatedIssues'),
    members: { ...own('RelatedIssueId'), RelatedIssueKey: ({ payload }) => payload['issueKey'] },
  },
  IssueCommentChangeLog: {
    columns: `IssueId bigint, CommentId bigint, ${CHANGE}`,
    key: '((issue_id), comment_id, position)',
    rows: inside('issueComments', 'changeLog', OF_COMMENT),
    members: CHANGE_MEMBERS,
  },
  IssueCommentNotifications: {
    columns: `IssueId bigint, CommentId bigint, ${NOTICE}`,
    key: '((issue_id), comment_id, id)',
    rows: inside('issueComments', 'notifications', OF_COMMENT),
  },
  IssueCommentStars: {
    columns: `IssueId bigint, CommentId bigint, Id bigint, ${STAR}`,
    key: '((issue_id), comment_id, id)',
    rows: inside('issueComments', 'stars', OF_COMMENT),
  },
  ProjectStatuses: {
    columns: 'ProjectId bigint, Id bigint, Name text, Color text, DisplayOrder int',
    key: '((project_id), id)',
    rows: of('statuses'),
  },
  ProjectIssueTypes: {
    columns:
      'Id bigint, ProjectId bigint, Name text, Color text, DisplayOrder int, TemplateSummary text, TemplateDescription text',
    key: '((project_id), id)',
    rows: of('issueTypes'),
  },
  ProjectCategories: {
    columns: 'Id bigint, ProjectId bigint, Name text, DisplayOrder int',
    key: '((project_id), id)',
    rows: of('categories'),
  },
  ProjectVersionMilestones: {
    columns:
      'Id bigint, ProjectId bigint, Name text, Description text, StartDate date, ReleaseDueDate date, Archived boolean, DisplayOrder int',
    key: '((project_id), id)',
    rows: of('versions'),
  },
  ProjectCustomFields: {
    columns:
      'Id bigint, ProjectId bigint, TypeId int, TypeName text, Name text, Description text, Required boolean, UseIssueType boolean, ApplicableIssueTypes list<bigint>, DisplayOrder int, Version bigint, AllowAddItem boolean, AllowInput boolean, Min text, Max text, InitialValue double, Unit text, InitialDateId int, InitialDateShift int, InitialDate date, ItemCount int',
    key: '((project_id), id)',
    rows: of('customFields'),
    members: {
      TypeName: ({ payload }) => FIELD_NAMES[Number(payload['typeId'])],
      InitialDate: ({ payload }) => at(payload['initialDate'], 'date'),
    },
  },
  ProjectCustomFieldItems: {
    columns: 'ProjectId bigint, CustomFieldId bigint, Id bigint, Name text, DisplayOrder int',
    key: '((project_id), custom_field_id, id)',
    rows: inside('customFields', 'items', ({ payload }) => ({ customFieldId: payload['id'] })),
  },
  ProjectUsers: {
    columns: `ProjectId bigint, UserId bigint, ${PERSON}`,
    key: '((project_id), user_id)',
    rows: of('projectUsers'),
    members: PERSON_MEMBERS,
  },
  ProjectAdministrators: {
    columns: `ProjectId bigint, UserId bigint, ${PERSON}`,
    key: '((project_id), user_id)',
    rows: of('administrators'),
    members: PERSON_MEMBERS,
  },
  ProjectTeams: {
    columns: `ProjectId bigint, TeamId bigint, ${TEAM}`,
    key: '((project_id), team_id)',
    rows: of('projectTeams'),
    members: own('TeamId'),
  },
  ProjectTeamMembers: {
    columns: `ProjectId bigint, TeamId bigint, UserId bigint, ${MEMBER}`,
    key: '((project_id), team_id, user_id)',
    rows: inside('projectTeams', 'members', ({ payload }) => ({ teamId: payload['id'] })),
    members: PERSON_MEMBERS,
  },
  ProjectSharedFiles: {
    columns: `ProjectId bigint, ${FILE}`,
    key: '((project_id), id)',
    rows: of('sharedFiles'),
  },
  ProjectRecentUpdates: {
    columns: ACTIVITY,
    key: '((project_id), id) desc',
    rows: of('projectActivities'),
    members: ACTIVITY_MEMBERS,
  },
  ProjectDiskUsage: {
    columns: `ProjectId bigint, ${USAGE}`,
    key: '((project_id))',
    rows: of('projectDiskUsage'),
  },
  Webhooks: {
    // Without HookUrl, which may hold secrets.
    columns: `ProjectId bigint, Id bigint, Name text, Description text, AllEvent boolean, ActivityTypeIds list<int>, ${STAMPS}`,
    key: '((project_id), id)',
    rows: of('webhooks'),
    members: { ActivityTypeIds: ({ payload }) => payload['activityTypeIds'] },
  },
  WikiPages: {
    columns: `Id bigint, ProjectId bigint, Name text, Content text, TagNames list<text>, ${STAMPS}, AttachmentCount int, SharedFileCount int, StarCount int`,
    key: '((id))',
    rows: of('wikis'),
  },
  WikiPageTags: {
    columns: 'WikiId bigint, TagId bigint, Name text',
    key: '((wiki_id), tag_id)',
    rows: inside('wikis', 'tags', ({ payload }) => ({ wikiId: payload['id'] })),
    members: own('TagId'),
  },
  WikiTags: {
    columns: 'ProjectId bigint, Id bigint, Name text',
    key: '((project_id), id)',
    rows: of('wikiTags'),
  },
  WikiPageAttachments: {
    columns: `WikiId bigint, ${ATTACHMENT}`,
    key: '((wiki_id), id)',
    rows: inside('wikis', 'attachments', ({ payload }) => ({ wikiId: payload['id'] })),
  },
  WikiPageLinkedSharedFiles: {
    columns: `WikiId bigint, ${FILE}`,
    key: '((wiki_id), id)',
    rows: inside('wikis', 'sharedFiles', ({ payload }) => ({ wikiId: payload['id'] })),
  },
  WikiPageStars: {
    columns: `WikiId bigint, Id bigint, ${STAR}`,
    key: '((wiki_id), id)',
    rows: inside('wikis', 'stars', ({ payload }) => ({ wikiId: payload['id'] })),
  },
  WikiPageHistory: {
    columns: `PageId bigint, Version int, Name text, Content text, ${USERS('Created')}, Created timestamp`,
    key: '((page_id), version) desc',
    rows: of('wikiHistory'),
  },
  Documents: {
    columns: `Id text, ProjectId bigint, Title text, Plain text, Json text(json), StatusId int, Emoji text, TagNames list<text>, AttachmentCount int, ${STAMPS}`,
    key: '((id))',
    rows: of('documents'),
  },
  DocumentTags: {
    columns: 'DocumentId text, TagId bigint, Name text',
    key: '((document_id), tag_id)',
    rows: inside('documents', 'tags', ({ payload }) => ({ documentId: payload['id'] })),
    members: own('TagId'),
  },
  DocumentAttachments: {
    columns: `DocumentId text, ${ATTACHMENT}`,
    key: '((document_id), id)',
    rows: inside('documents', 'attachments', ({ payload }) => ({ documentId: payload['id'] })),
  },
  DocumentTree: {
    columns:
      'ProjectId bigint, NodeId text, ParentNodeId text, Tree text, Name text, Emoji text, Position int, Depth int',
    key: '((project_id), node_id)',
    rows: dump => (dump['documentTrees'] ?? []).flatMap(nodesOf),
  },
  Repositories: {
    columns: `Id bigint, ProjectId bigint, Name text, Description text, HookUrl text, HttpUrl text, SshUrl text, DisplayOrder int, PushedAt timestamp, ${STAMPS}`,
    key: '((project_id), id)',
    rows: of('repositories'),
  },
  PullRequests: {
    columns: `Id bigint, ProjectId bigint, RepositoryId bigint, Number bigint, Summary text, Description text, Base text, Branch text, StatusId int, StatusName text, AssigneeId bigint, AssigneeName text, IssueId bigint, BaseCommit text, BranchCommit text, MergeCommit text, CloseAt timestamp, MergeAt timestamp, ${STAMPS}, AttachmentCount int, StarCount int`,
    key: '((repository_id), number)',
    rows: of('pullRequests'),
  },
  PullRequestComments: {
    columns: `PullRequestId bigint, Id bigint, ProjectId bigint, RepositoryId bigint, PullRequestNumber bigint, Content text, ${USERS('Created')}, Created timestamp, Updated timestamp`,
    key: '((pull_request_id), id)',
    rows: of('pullComments'),
    members: {
      ProjectId: ({ by }) => at(by['pull'], 'projectId'),
      RepositoryId: ({ by }) => at(by['pull'], 'repositoryId'),
      PullRequestNumber: ({ by }) => at(by['pull'], 'number'),
    },
  },
  PullRequestAttachments: {
    columns: `PullRequestId bigint, ${ATTACHMENT}`,
    key: '((pull_request_id), id)',
    rows: of('pullAttachments'),
  },
  PullRequestCommentChangeLog: {
    columns: `PullRequestId bigint, CommentId bigint, ${CHANGE}`,
    key: '((pull_request_id), comment_id, position)',
    rows: inside('pullComments', 'changeLog', OF_COMMENT),
    members: CHANGE_MEMBERS,
  },
  PullRequestCommentNotifications: {
    columns: `PullRequestId bigint, CommentId bigint, ${NOTICE}`,
    key: '((pull_request_id), comment_id, id)',
    rows: inside('pullComments', 'notifications', OF_COMMENT),
  },
  PullRequestCommentStars: {
    columns: `PullRequestId bigint, CommentId bigint, Id bigint, ${STAR}`,
    key: '((pull_request_id), comment_id, id)',
    rows: inside('pullComments', 'stars', OF_COMMENT),
  },
  Users: {
    columns:
      'Id bigint, UserId text, Name text, RoleType int, Lang text, MailAddress text, LastLoginTime timestamp, NulabId text, NulabUniqueId text, NulabName text, IconUrl text',
    key: '((id))',
    rows: of('users'),
    members: Object.fromEntries(
      [
        ['NulabId', 'nulabId'],
        ['NulabUniqueId', 'uniqueId'],
        ['NulabName', 'name'],
        ['IconUrl', 'iconUrl'],
      ].map(([name, member]) => [name, ({ payload }: Row) => at(payload['nulabAccount'], member!)]),
    ),
  },
  UserReceivedStars: {
    columns: `UserId bigint, Id bigint, ${STAR}`,
    key: '((user_id), id) desc',
    rows: of('stars'),
  },
  UserRecentUpdates: {
    columns: `UserId bigint, ${ACTIVITY}`,
    key: '((user_id), id) desc',
    rows: of('userActivities'),
    members: ACTIVITY_MEMBERS,
  },
  UserRecentlyViewedIssues: {
    columns: 'UserId bigint, IssueId bigint, IssueKey text, Summary text, Updated timestamp',
    key: '((user_id), issue_id)',
    rows: of('viewedIssues'),
    members: { Summary: ({ payload }) => at(payload['issue'], 'summary') },
  },
  UserRecentlyViewedProjects: {
    columns: 'UserId bigint, ProjectId bigint, ProjectKey text, Name text, Updated timestamp',
    key: '((user_id), project_id)',
    rows: of('viewedProjects'),
    members: {
      ProjectKey: ({ payload }) => at(payload['project'], 'projectKey'),
      Name: ({ payload }) => at(payload['project'], 'name'),
    },
  },
  UserRecentlyViewedWikiPages: {
    columns: 'UserId bigint, WikiId bigint, ProjectId bigint, Name text, Updated timestamp',
    key: '((user_id), wiki_id)',
    rows: of('viewedWikis'),
    members: {
      WikiId: ({ payload }) => at(payload['page'], 'id'),
      ProjectId: ({ payload }) => at(payload['page'], 'projectId'),
      Name: ({ payload }) => at(payload['page'], 'name'),
    },
  },
  Watchings: {
    columns:
      'UserId bigint, Id bigint, IssueId bigint, IssueKey text, ResourceAlreadyRead boolean, Note text, Type text, LastContentUpdated timestamp, Created timestamp, Updated timestamp',
    key: '((user_id), id)',
    rows: of('watchings'),
  },
  Notifications: {
    columns:
      'UserId bigint, Id bigint, AlreadyRead boolean, ResourceAlreadyRead boolean, Reason int, ProjectId bigint, IssueId bigint, IssueKey text, CommentId bigint, PullRequestId bigint, PullRequestCommentId bigint, DocumentId text, SenderId bigint, SenderName text, Created timestamp',
    key: '((user_id), id) desc',
    rows: of('notifications'),
  },
  Teams: { columns: `Id bigint, ${TEAM}`, key: '((id))', rows: of('teams') },
  TeamMembers: {
    columns: `TeamId bigint, UserId bigint, ${MEMBER}`,
    key: '((team_id), user_id)',
    rows: inside('teams', 'members', ({ payload }) => ({ teamId: payload['id'] })),
    members: PERSON_MEMBERS,
  },
  Groups: { columns: `Id bigint, ${TEAM}`, key: '((id))', rows: of('groups') },
  Space: {
    columns:
      'SpaceKey text, Name text, OwnerId bigint, Lang text, Timezone text, ReportSendTime text, TextFormattingRule text, Created timestamp, Updated timestamp',
    key: '((space_key))',
    rows: of('space'),
  },
  SpaceUpdates: {
    columns: `SpaceKey text, Month text, ${ACTIVITY}`,
    key: '((space_key, month), id) desc',
    rows: of('spaceActivities'),
    members: ACTIVITY_MEMBERS,
  },
  SpaceNotifications: {
    columns: 'SpaceKey text, Content text, Updated timestamp',
    key: '((space_key))',
    rows: of('spaceNotification'),
  },
  SpaceDiskUsage: {
    columns: `SpaceKey text, ${USAGE}`,
    key: '((space_key))',
    rows: of('diskUsage'),
  },
  SpaceDiskUsageDetails: {
    columns: `SpaceKey text, ProjectId bigint, ${USAGE}`,
    key: '((space_key), project_id)',
    rows: inside('diskUsage', 'details', () => ({})),
  },
  Licenses: {
    columns:
      'SpaceKey text, Active boolean, LicenceTypeId int, StartedOn timestamp, LimitDate timestamp, StorageLimit bigint, UserLimit int, ProjectLimit int, IssueLimit int, CommentLimit int, VersionLimit int, ComponentLimit int, AttributeLimit int, AttachmentLimit bigint, AttachmentLimitPerFile bigint, AttachmentNumLimit int, WikiAttachmentLimitPerFile bigint, WikiAttachmentNumLimit int, PullRequestAttachmentLimitPerFile bigint, PullRequestAttachmentNumLimit int, Attribute boolean, Burndown boolean, FileSharing boolean, Gantt boolean, Git boolean, Subversion boolean, SubversionExternal boolean, ParentChildIssue boolean, PostIssueByMail boolean, ProjectGroup boolean, NulabAccount boolean, RemoteAddress boolean, WikiAttachment boolean',
    key: '((space_key))',
    rows: of('licence'),
  },
  Priorities: { columns: 'Id bigint, Name text', key: '((id))', rows: of('priorities') },
  Resolutions: { columns: 'Id bigint, Name text', key: '((id))', rows: of('resolutions') },
}
