/**
 * Columns of activities with the names of their types, and the columns of disk usage.
 * Used by the tables of the space, of projects and of users.
 * Spec: backlog-replication 1.9 (Activities).
 */
import type { Json } from '../../backlog/index.ts'

export const ACTIVITY =
  'Type:int TypeName:string ProjectKey:string=project.projectKey ContentId:long=content.id ContentKeyId:long=content.key_id ContentSummary:string=content.summary Content:json U(Created) Created:timestamp'
export const USAGE =
  'Capacity:long Issue:long Wiki:long File:long Subversion:long Git:long GitLFS:long=gitLFS PullRequest:long'

/** An activity with the member `typeName`. */
export function withTypeName(activity: Json): readonly Json[] {
  return [{ ...activity, typeName: TYPE_NAMES[Number(activity['type'])] ?? 'unknown' }]
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: 'issue created',
  2: 'issue updated',
  3: 'issue commented',
  4: 'issue deleted',
  5: 'wiki created',
  6: 'wiki updated',
  7: 'wiki deleted',
  8: 'file added',
  9: 'file updated',
  10: 'file deleted',
  11: 'svn commit',
  12: 'git push',
  13: 'repository created',
  14: 'issues bulk-updated',
  15: 'member added',
  16: 'member removed',
  17: 'notification added',
  18: 'pull request added',
  19: 'pull request updated',
  20: 'pull request commented',
  21: 'pull request merged',
  22: 'milestone created',
  23: 'milestone updated',
  24: 'milestone deleted',
  25: 'team added',
  26: 'team removed',
  34: 'status deleted',
  35: 'issue dates updated',
  36: 'document created',
  37: 'document deleted',
  38: 'document title updated',
  40: 'document comment created',
  41: 'document comment updated',
  42: 'document comment deleted',
  43: 'document reply created',
  44: 'document reply updated',
  45: 'document reply deleted',
  46: 'document attachment added',
  47: 'issues bulk-created',
  48: 'documents bulk-created',
}
