/**
 * Tables of projects: their settings, people, files and hooks. Data only.
 * Part of the catalogue.
 * Spec: backlog-replication 1.7, 1.9.
 */
import { ACTIVITY, USAGE, withTypeName } from './activity.ts'
import {
  type CatalogueTable,
  childOf,
  FILE,
  MEMBER,
  PROJECT_LIST,
  SPACE_LIST,
  STAMPS,
  table,
  USER,
} from './catalogue-table.ts'
import { withFieldType } from './custom-field.ts'
import { TEAM } from './space-tables.ts'

export const PROJECT_TABLES: readonly CatalogueTable[] = [
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
    { ...PROJECT_LIST, path: 'projects/{project}/customFields', rows: withFieldType },
    {
      key: 'ProjectId Id',
      columns:
        'ProjectId:long=@project Id:long TypeId:int TypeName:string Name:string Description:string Required:boolean UseIssueType:boolean ApplicableIssueTypes:list<long>=applicableIssueTypes[] DisplayOrder:int Version:long AllowAddItem:boolean AllowInput:boolean Min:string Max:string InitialValue:double Unit:string InitialDateId:int=initialDate.id InitialDateShift:int=initialDate.shift InitialDate:date=initialDate.date ItemCount:int=items#',
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
    columns: `ProjectId:long=@project TeamId:long=@parent.id ${MEMBER}`,
  }),
  table(
    'ProjectSharedFiles',
    {
      ...PROJECT_LIST,
      iteration: 'directory',
      paging: 'offset',
      path: 'projects/{project}/files/metadata/',
    },
    { key: 'ProjectId Id', columns: `ProjectId:long=@project ${FILE}` },
  ),
  table(
    'ProjectRecentUpdates',
    {
      kind: 'extra',
      method: 'MIN-ID',
      path: 'projects/{project}/activities',
      iteration: 'project',
      paging: 'id',
      isDescending: true,
      rows: withTypeName,
    },
    { key: 'ProjectId Id', columns: `ProjectId:long=@project Id:long ${ACTIVITY}` },
  ),
  table(
    'ProjectDiskUsage',
    {
      ...PROJECT_LIST,
      kind: 'extra',
      method: 'FULL',
      paging: 'single',
      path: 'projects/{project}/diskUsage',
    },
    { key: 'ProjectId', columns: `ProjectId:long=@project ${USAGE}` },
  ),
  table(
    'Webhooks',
    {
      ...PROJECT_LIST,
      kind: 'extra',
      path: 'projects/{project}/webhooks',
      // Addresses of hooks can hold secrets.
      off: ['HookUrl'],
    },
    {
      key: 'ProjectId Id',
      columns: `ProjectId:long=@project Id:long Name:string Description:string HookUrl:string AllEvent:boolean ActivityTypeIds:list<int>=activityTypeIds[] ${STAMPS}`,
    },
  ),
]
