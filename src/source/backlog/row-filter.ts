/**
 * What the API can be asked to leave out, from conditions that every wanted row meets. Made for a query;
 * used by backlog-reader.ts.
 * Invariant: what is left out meets not all conditions, whatever the zone in which Backlog reads days:
 * a range of days is asked for wider than it is. Conditions that the API cannot tell exactly, such as
 * words in a text, are not asked for.
 * Spec: backlog-replication 1.6, 1.9 (Issues), 2.6.
 */
import type { Params } from '../../backlog/index.ts'
import type { CatalogueTable } from './catalogue-table.ts'
import { isoDay } from './watermark.ts'

export interface Condition {
  readonly column: string
  /** The value is one of these. */
  readonly oneOf?: readonly number[]
  /** The value is not smaller, or not larger. */
  readonly least?: number
  readonly most?: number
  /** The value is not earlier, or not later. */
  readonly sinceMs?: number
  readonly untilMs?: number
}

export interface RowFilter {
  /** Of a whole reading of issues. */
  readonly params: Params
  readonly createdSinceMs: number
  readonly createdUntilMs: number
  /** Undefined: all. */
  readonly projects: ReadonlySet<number> | undefined
  /** The columns whose conditions are asked for. */
  readonly asked: readonly string[]
}

const DAY_MS = 86_400_000
/** More of them make addresses that are too long. */
const VALUES_MAX = 50
const ID_PARAMS: Readonly<Record<string, string>> = {
  ProjectId: 'projectId',
  StatusId: 'statusId',
  IssueTypeId: 'issueTypeId',
  AssigneeId: 'assigneeId',
  CreatedUserId: 'createdUserId',
  PriorityId: 'priorityId',
  ResolutionId: 'resolutionId',
  ParentIssueId: 'parentIssueId',
}
/** Those of statuses and priorities count from 1. */
const FIRST_IDS: Readonly<Record<string, number>> = { StatusId: 1, PriorityId: 1 }
const DAY_PARAMS: Readonly<Record<string, string>> = {
  Updated: 'updated',
  StartDate: 'startDate',
  DueDate: 'dueDate',
}
/** Where a column stands when it is that of the project which is asked. */
const PROJECT_PATHS = new Set(['@project', 'projectId', '@parent.projectId'])
/** Those that are read project by project. */
const OF_PROJECTS = new Set(['project', 'directory', 'repository', 'pull-request', 'wiki'])

/** `table`: of the rows; `root`: what is read for them. */
export function rowFilter(
  { table, root }: { readonly table: CatalogueTable; readonly root: CatalogueTable },
  conditions: readonly Condition[],
): RowFilter {
  const params: Record<string, string | readonly number[]> = {}
  const asked = new Set<string>()
  let projects: ReadonlySet<number> | undefined
  let since = Number.NEGATIVE_INFINITY
  let until = Number.POSITIVE_INFINITY
  const pathOf = (name: string) => table.columns.find(one => one.name === name)?.path ?? ''
  const isOfIssues = root.name === 'Issues' || root.iteration === 'issue'
  const isIssues = table.name === 'Issues'
  const isOfProject = OF_PROJECTS.has(root.iteration)
  for (const one of merged(conditions)) {
    const { column, sinceMs, untilMs } = one
    const ids = idsOf(one)
    const isProject = column === 'ProjectId' && ids !== undefined
    if (isProject && isOfProject && PROJECT_PATHS.has(pathOf(column))) {
      projects = new Set(ids)
      asked.add(column)
    } else if (isOfIssues && ids !== undefined) {
      const param = ID_PARAMS[column]
      const isKnown = isIssues || (isProject && PROJECT_PATHS.has(pathOf(column)))
      if (param === undefined || !isKnown) continue
      params[param] = ids
      asked.add(column)
    } else if (isIssues && (sinceMs !== undefined || untilMs !== undefined)) {
      const param = DAY_PARAMS[column]
      if (column === 'Created') {
        since = (sinceMs ?? since) - DAY_MS
        until = (untilMs ?? until) + 2 * DAY_MS
      } else if (param === undefined) continue
      else {
        if (sinceMs !== undefined) params[`${param}Since`] = isoDay(sinceMs - DAY_MS)
        // The day itself may be in it or not.
        if (untilMs !== undefined) params[`${param}Until`] = isoDay(untilMs + 2 * DAY_MS)
      }
      asked.add(column)
    }
  }
  return {
    ...{ params: params as Params, createdSinceMs: since, createdUntilMs: until },
    ...{ projects, asked: [...asked] },
  }
}

/** With those projects alone that there are, which Backlog refuses otherwise; undefined: there is none. */
export function issueParams(
  filter: RowFilter | undefined,
  projects: readonly number[],
): Params | undefined {
  const params = filter?.params ?? {}
  const wanted = params['projectId']
  if (!Array.isArray(wanted)) return params
  const projectId = (wanted as readonly number[]).filter(one => projects.includes(one))
  return projectId.length === 0 ? undefined : { ...params, projectId }
}

/** One for each column, which says all that those of it say; none where they exclude each other. */
function merged(conditions: readonly Condition[]): Condition[] {
  const all = new Map<string, Condition>()
  for (const one of conditions) {
    const known = all.get(one.column)
    all.set(one.column, known === undefined ? one : both(known, one))
  }
  return [...all.values()]
}

function both(one: Condition, other: Condition): Condition {
  const oneOf =
    one.oneOf === undefined || other.oneOf === undefined
      ? (one.oneOf ?? other.oneOf)
      : one.oneOf.filter(id => other.oneOf?.includes(id))
  const pick = (key: 'least' | 'most' | 'sinceMs' | 'untilMs', choose: typeof Math.max) => {
    const found = [one[key], other[key]].filter(value => value !== undefined)
    return found.length === 0 ? {} : { [key]: choose(...found) }
  }
  return {
    column: one.column,
    ...(oneOf === undefined ? {} : { oneOf }),
    ...{ ...pick('least', Math.max), ...pick('sinceMs', Math.max) },
    ...{ ...pick('most', Math.min), ...pick('untilMs', Math.min) },
  }
}

/** Undefined where the API could not be asked for exactly them. */
function idsOf({ column, oneOf, least, most }: Condition): readonly number[] | undefined {
  const from = least ?? FIRST_IDS[column]
  const values = oneOf ?? (from === undefined || most === undefined ? [] : idsFrom(from, most))
  if (values.length === 0 || values.length > VALUES_MAX) return undefined
  return values.every(one => Number.isSafeInteger(one) && one > 0) ? values : undefined
}

function idsFrom(least: number, most: number): number[] {
  if (most - least >= VALUES_MAX) return []
  return Array.from({ length: Math.max(0, most - least + 1) }, (_, at) => least + at)
}
