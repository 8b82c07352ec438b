/**
 * Tables of issues, their parts and their comments. Data only.
 * Part of the catalogue.
 * Spec: backlog-replication 1.7, 1.9 (Issues, IssueComments).
 */
import {
  ATTACHMENT,
  type CatalogueTable,
  CHANGE,
  childOf,
  FILE,
  NOTICE,
  STAR,
  table,
  USER,
} from './catalogue-table.ts'
import { splitCustomFields } from './custom-field.ts'

const ISSUE_CHILD = (member: string) => childOf('Issues', member, ['IssueId'])
const COMMENT_CHILD = (member: string) => childOf('IssueComments', member, ['IssueId', 'CommentId'])
const OF_ISSUE = {
  method: 'CHILD-OF-CHANGED',
  iteration: 'issue',
  paging: 'none',
  parentKey: ['IssueId'],
} as const
const OF_VERSION =
  'ProjectId:long=@parent.projectId Name:string ReleaseDueDate:date Archived:boolean'

export const ISSUE_TABLES: readonly CatalogueTable[] = [
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
        'Id:long ProjectId:long IssueKey:string KeyId:long IssueTypeId:long=issueType.id IssueTypeName:string=issueType.name IssueTypeColor:string=issueType.color Summary:string Description:string ResolutionId:long=resolution.id ResolutionName:string=resolution.name PriorityId:long=priority.id PriorityName:string=priority.name StatusId:long=status.id StatusName:string=status.name StatusColor:string=status.color AssigneeId:long=assignee.id AssigneeUserId:string=assignee.userId AssigneeName:string=assignee.name AssigneeMailAddress:string=assignee.mailAddress CategoryIds:list<long>=category[].id CategoryNames:list<string>=category[].name VersionIds:list<long>=versions[].id VersionNames:list<string>=versions[].name MilestoneIds:list<long>=milestone[].id MilestoneNames:list<string>=milestone[].name StartDate:date DueDate:date EstimatedHours:decimal ActualHours:decimal ParentIssueId:long U(Created) Created:timestamp U(Updated) Updated:timestamp CustomFields:json AttachmentCount:int=attachments# SharedFileCount:int=sharedFiles# StarCount:int=stars# ChildTotal:int=childIssueSummary.total ChildClosed:int=childIssueSummary.closed Url:string=@issueUrl',
    },
  ),
  table(
    'IssueComments',
    { ...OF_ISSUE, kind: 'table', path: 'issues/{issue}/comments', paging: 'id' },
    {
      key: 'IssueId Id',
      columns:
        'IssueId:long=@issue Id:long ProjectId:long=@project Content:string U(Created) Created:timestamp Updated:timestamp ChangeLogCount:int=changeLog# StarCount:int=stars# NotificationCount:int=notifications# ChangeLog:json',
    },
  ),
  table(
    'IssueParticipants',
    { ...OF_ISSUE, kind: 'extra', path: 'issues/{issue}/participants' },
    { key: 'IssueId UserId', columns: `IssueId:long=@issue ${USER}` },
  ),
  table(
    'IssueRelatedIssues',
    { ...OF_ISSUE, kind: 'extra', path: 'issues/{issue}/relatedIssues' },
    {
      key: 'IssueId RelatedIssueId',
      columns:
        'IssueId:long=@issue RelatedIssueId:long=id Type:string RelatedIssueKey:string=issueKey',
    },
  ),
  table('IssueCategories', ISSUE_CHILD('category'), {
    key: 'IssueId CategoryId',
    columns:
      'IssueId:long=@parent.id CategoryId:long=id ProjectId:long=@parent.projectId Name:string',
  }),
  table('IssueVersions', ISSUE_CHILD('versions'), {
    key: 'IssueId VersionId',
    columns: `IssueId:long=@parent.id VersionId:long=id ${OF_VERSION}`,
  }),
  table('IssueMilestones', ISSUE_CHILD('milestone'), {
    key: 'IssueId MilestoneId',
    columns: `IssueId:long=@parent.id MilestoneId:long=id ${OF_VERSION}`,
  }),
  table(
    'IssueAttachments',
    { ...ISSUE_CHILD('attachments'), detail: 'issues/{id}/attachments' },
    { key: 'IssueId Id', columns: `IssueId:long=@parent.id ${ATTACHMENT}` },
  ),
  table('IssueLinkedSharedFiles', ISSUE_CHILD('sharedFiles'), {
    key: 'IssueId Id',
    columns: `IssueId:long=@parent.id ${FILE}`,
  }),
  table('IssueStars', ISSUE_CHILD('stars'), {
    key: 'IssueId Id',
    columns: `IssueId:long=@parent.id ${STAR}`,
  }),
  table(
    'IssueCustomFieldValues',
    { ...ISSUE_CHILD('customFields'), rows: splitCustomFields },
    {
      key: 'IssueId CustomFieldId',
      columns:
        'IssueId:long=@parent.id CustomFieldId:long=id ProjectId:long=@parent.projectId FieldTypeId:int Name:string ValueText:string ValueNumber:decimal ValueDate:date ValueItemIds:list<long> ValueItemNames:list<string> OtherValue:string',
    },
  ),
  table('IssueCommentChangeLog', COMMENT_CHILD('changeLog'), {
    key: 'IssueId CommentId Position',
    columns: `IssueId:long=@issue CommentId:long=@parent.id ${CHANGE}`,
  }),
  table('IssueCommentNotifications', COMMENT_CHILD('notifications'), {
    key: 'IssueId CommentId Id',
    columns: `IssueId:long=@issue CommentId:long=@parent.id ${NOTICE}`,
  }),
  table('IssueCommentStars', COMMENT_CHILD('stars'), {
    key: 'IssueId CommentId Id',
    columns: `IssueId:long=@issue CommentId:long=@parent.id ${STAR}`,
  }),
]
