/**
 * Tables of wiki pages and of documents. Data only.
 * Part of the catalogue.
 * Spec: backlog-replication 1.7, 1.9.
 */
import {
  ATTACHMENT,
  type CatalogueTable,
  childOf,
  FILE,
  PROJECT_LIST,
  STAMPS,
  STAR,
  table,
} from './catalogue-table.ts'
import { nodesOfTree } from './document-tree.ts'

const OF_PROJECT = { projectIdOrKey: '{project}' }

export const WIKI_TABLES: readonly CatalogueTable[] = [
  table(
    'WikiPages',
    { ...PROJECT_LIST, method: 'LIST-DIFF', path: 'wikis', params: OF_PROJECT },
    {
      key: 'Id',
      columns: `Id:long ProjectId:long Name:string Content:string TagNames:list<string>=tags[].name ${STAMPS} AttachmentCount:int=attachments# SharedFileCount:int=sharedFiles# StarCount:int=stars#`,
    },
  ),
  table('WikiPageTags', childOf('WikiPages', 'tags', ['WikiId']), {
    key: 'WikiId TagId',
    columns: 'WikiId:long=@parent.id TagId:long=id Name:string',
  }),
  table(
    'WikiPageAttachments',
    { ...childOf('WikiPages', 'attachments', ['WikiId']), detail: 'wikis/{id}/attachments' },
    { key: 'WikiId Id', columns: `WikiId:long=@parent.id ${ATTACHMENT}` },
  ),
  table('WikiPageLinkedSharedFiles', childOf('WikiPages', 'sharedFiles', ['WikiId']), {
    key: 'WikiId Id',
    columns: `WikiId:long=@parent.id ${FILE}`,
  }),
  table('WikiPageStars', childOf('WikiPages', 'stars', ['WikiId']), {
    key: 'WikiId Id',
    columns: `WikiId:long=@parent.id ${STAR}`,
  }),
  table(
    'WikiPageHistory',
    {
      kind: 'extra',
      method: 'MIN-VERSION',
      path: 'wikis/{wiki}/history',
      iteration: 'wiki',
      paging: 'id',
      isDescending: true,
    },
    {
      key: 'PageId Version',
      columns:
        'PageId:long=@wiki Version:int Name:string Content:string U(Created) Created:timestamp',
    },
  ),
  table(
    'WikiTags',
    { ...PROJECT_LIST, kind: 'extra', path: 'wikis/tags', params: OF_PROJECT },
    { key: 'ProjectId Id', columns: 'ProjectId:long=@project Id:long Name:string' },
  ),
  table(
    'Documents',
    {
      ...PROJECT_LIST,
      method: 'UPDATED-SORT',
      paging: 'offset',
      path: 'documents',
      params: { 'projectId[]': '{project}' },
      check: 'Updated',
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
    columns: `DocumentId:string=@parent.id ${ATTACHMENT}`,
  }),
  table(
    'DocumentTree',
    {
      ...PROJECT_LIST,
      kind: 'extra',
      paging: 'single',
      path: 'documents/tree',
      params: OF_PROJECT,
      rows: nodesOfTree,
    },
    {
      key: 'ProjectId NodeId',
      columns:
        'ProjectId:long=@project NodeId:string=id ParentNodeId:string Tree:string Name:string Emoji:string Position:int Depth:int',
    },
  ),
]
