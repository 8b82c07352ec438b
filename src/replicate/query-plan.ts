/**
 * A query as the API shows it: its kind and why, what its source is asked, and about how many requests a
 * whole reading takes. Called by plans and previews.
 * Invariant: nothing is read of the tables themselves; at most two requests for each.
 * Spec: backlog-replication 2.6.
 */
import type { QueryPlan, TaskPlan } from '../api-v1.ts'
import type { BacklogClient, Caller } from '../backlog/index.ts'
import { issueParams, type RowFilter } from '../source/index.ts'
import type { OpenSource } from './open-source.ts'
import { parseQuery } from './query-text.ts'
import type { SourceTable } from './source-table.ts'
import { rootOf } from './table-family.ts'
import type { TaskSetup } from './task-setup.ts'

const PAGE_ROWS = 100
/** Around the pages of issues: projects, the oldest, changes since the start, activities. */
const ISSUE_FRAME = 6

interface Project {
  readonly id: number
}

export function queryView({
  query,
}: Pick<TaskSetup, 'query'>): Pick<TaskPlan, 'queryKind' | 'queryReason'> {
  return query === undefined ? {} : { queryKind: query.kind, queryReason: query.reason }
}

export async function planQuery(
  { query, tables, task }: TaskSetup,
  source: OpenSource,
  caller: Caller,
): Promise<QueryPlan | undefined> {
  if (query === undefined) return undefined
  const { asked, here, order } = query
  const ordered = order === null ? undefined : orderedText(task.query ?? '', order)
  let requests: number | null = source.kind === 'backlog' ? 0 : null
  for (const table of source.kind === 'backlog' ? tables : []) {
    const filter = query.filters.get(table.name)
    const own = await requestsFor(table, filter, { ...source, caller })
    requests = requests === null || own === null ? null : requests + own
  }
  return {
    ...{ requests, asked, here },
    ...(ordered === undefined ? {} : { order: ordered }),
  }
}

async function requestsFor(
  table: SourceTable,
  filter: RowFilter | undefined,
  of: { readonly client?: BacklogClient; readonly caller: Caller },
): Promise<number | null> {
  const { client, caller } = of
  if (client === undefined) return null
  const root = rootOf(table)
  if (root.name === 'Issues' || root.iteration === 'issue') {
    const projects = await client.get<readonly Project[]>('projects', {}, caller)
    const wanted = issueParams(
      filter,
      projects.map(one => one.id),
    )
    const { count } =
      wanted === undefined
        ? { count: 0 }
        : await client.get<{ count: number }>('issues/count', wanted, caller)
    const each = root.iteration === 'issue' ? count : 0
    return ISSUE_FRAME + Math.ceil(count / PAGE_ROWS) + each
  }
  if (root.paging === 'offset' || root.paging === 'id') return null
  if (root.iteration === 'space') return root.method === 'LIST-DIFF' ? null : 1
  if (root.iteration !== 'project' || root.method === 'LIST-DIFF') return null
  const projects = await client.get<readonly Project[]>('projects', {}, caller)
  return 1 + projects.filter(one => filter?.projects?.has(one.id) !== false).length
}

/** The statement with another key in the place of its own. */
function orderedText(
  text: string,
  { partition, clustering }: NonNullable<NonNullable<TaskSetup['query']>['order']>,
): QueryPlan['order'] {
  const { keyPlace } = parseQuery(text)
  if (keyPlace === undefined) return undefined
  const columns = clustering.map(one => (one.isDescending ? `${one.name} DESC` : one.name))
  const key = `PRIMARY KEY (${[`(${partition.join(', ')})`, ...columns].join(', ')})`
  const query = text.slice(0, keyPlace.from) + key + text.slice(keyPlace.to)
  return { columns, query }
}
