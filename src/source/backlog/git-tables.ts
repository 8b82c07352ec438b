/**
 * Tables of Git repositories, pull requests and their comments. Data only.
 * Part of the catalogue.
 * Spec: backlog-replication 1.7, 1.9.
 */
import {
  ATTACHMENT,
  type CatalogueTable,
  CHANGE,
  childOf,
  NOTICE,
  PROJECT_LIST,
  STAMPS,
  STAR,
  table,
} from './catalogue-table.ts'

const PULL_REQUESTS = 'projects/{project}/git/repositories/{repository}/pullRequests'
const COMMENT_CHILD = (member: string) =>
  childOf('PullRequestComments', member, ['PullRequestId', 'CommentId'])
const OF_COMMENT = 'PullRequestId:long=@pull CommentId:long=@parent.id'

export const GIT_TABLES: readonly CatalogueTable[] = [
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
      method: 'PR-SCAN',
      path: PULL_REQUESTS,
      iteration: 'repository',
      paging: 'offset',
    },
    {
      key: 'RepositoryId Number',
      columns: `Id:long ProjectId:long=@project RepositoryId:long=@repository Number:long Summary:string Description:string Base:string Branch:string StatusId:int=status.id StatusName:string=status.name AssigneeId:long=assignee.id AssigneeName:string=assignee.name IssueId:long=issue.id BaseCommit:string BranchCommit:string MergeCommit:string CloseAt:timestamp MergeAt:timestamp ${STAMPS} AttachmentCount:int=attachments# StarCount:int=stars#`,
    },
  ),
  table(
    'PullRequestAttachments',
    {
      ...childOf('PullRequests', 'attachments', ['PullRequestId']),
      detail: `${PULL_REQUESTS}/{number}/attachments`,
    },
    { key: 'PullRequestId Id', columns: `PullRequestId:long=@parent.id ${ATTACHMENT}` },
  ),
  table(
    'PullRequestComments',
    {
      kind: 'table',
      method: 'CHILD-OF-CHANGED',
      path: `${PULL_REQUESTS}/{number}/comments`,
      iteration: 'pull-request',
      paging: 'id',
      parentKey: ['PullRequestId'],
    },
    {
      key: 'PullRequestId Id',
      columns:
        'PullRequestId:long=@pull Id:long ProjectId:long=@project RepositoryId:long=@repository PullRequestNumber:long=@number Content:string U(Created) Created:timestamp Updated:timestamp',
    },
  ),
  table('PullRequestCommentChangeLog', COMMENT_CHILD('changeLog'), {
    key: 'PullRequestId CommentId Position',
    columns: `${OF_COMMENT} ${CHANGE}`,
  }),
  table('PullRequestCommentNotifications', COMMENT_CHILD('notifications'), {
    key: 'PullRequestId CommentId Id',
    columns: `${OF_COMMENT} ${NOTICE}`,
  }),
  table('PullRequestCommentStars', COMMENT_CHILD('stars'), {
    key: 'PullRequestId CommentId Id',
    columns: `${OF_COMMENT} ${STAR}`,
  }),
]
