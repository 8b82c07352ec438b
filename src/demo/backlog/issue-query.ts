/**
 * `GET /issues` and `GET /issues/count` of the stand-in: filters, order, pages over a live view.
 * Dates are calendar days in the space's zone, here UTC. A project that is not there is refused.
 * Spec: backlog-replication 1.9 (Issues), 3.2.
 */
import { BacklogFailure, BadRequest } from './bad-request.ts'
import type { IssueRecord } from './issue-record.ts'
import type { Json, JsonObject } from './payload.ts'
import type { Space } from './space.ts'

const DAY_MS = 86_400_000

export function findIssues(space: Space, query: URLSearchParams): readonly IssueRecord[] {
  const all = sortedBy(space, query.get('sort') ?? 'created')
  const sets = FILTERS.map(([name, read]) => ({ read, wanted: numbers(query, name) }))
  const days = DAYS.map(([name, member]) => ({
    member,
    since: day(query, `${name}Since`),
    until: day(query, `${name}Until`),
  }))
  for (const one of numbers(query, 'projectId'))
    if (space.project(one) === undefined || space.hiddenProjects.has(one))
      throw new BacklogFailure(404, 6, `No project. (projectId: ${one})`)
  const active = sets.filter(one => one.wanted.size > 0)
  const fitsShown = shownFilter(query)
  const fitsFamily = familyFilter(space, query)
  const fits = (issue: IssueRecord) =>
    active.every(({ read, wanted }) => wanted.has(read(issue) ?? -1)) &&
    days.every(({ member, since, until }) => {
      return (
        (since === undefined || issue[member] >= since) &&
        (until === undefined || issue[member] < until + DAY_MS)
      )
    }) &&
    !space.hiddenProjects.has(issue.projectId) &&
    fitsFamily(issue) &&
    (fitsShown === undefined || fitsShown(space.render(issue)))
  return all.filter(fits)
}

/** Equal ones as they were made. */
function sortedBy(space: Space, sort: string): readonly IssueRecord[] {
  if (sort === 'created' || sort === 'updated') return space.sorted(sort)
  if (!SORTS.has(sort) && !/^customField_\d+$/.test(sort))
    throw new BadRequest(`Unknown sort. (sort: ${sort})`)
  const keyed = space.sorted('created').map(issue => {
    const value = space.render(issue)[sort] ?? ''
    return { issue, key: typeof value === 'object' ? JSON.stringify(value) : value }
  })
  const compare = (a: Json, b: Json) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : Number(a! > b!) - Number(a! < b!)
  return keyed.sort((a, b) => compare(a.key, b.key)).map(one => one.issue)
}

export function page<T>(
  all: readonly T[],
  query: URLSearchParams,
  isDescending = (query.get('order') ?? 'desc') === 'desc',
): readonly T[] {
  const count = countOf(query)
  const offset = number(query, 'offset') ?? 0
  if (!isDescending) return all.slice(offset, offset + count)
  const end = Math.max(0, all.length - offset)
  return all.slice(Math.max(0, end - count), end).reverse()
}

/** Lists by id: `minId`, `maxId`, both exclusive unless `isInclusive`. `all` ascends. */
export function idRange<T>(
  all: readonly T[],
  query: URLSearchParams,
  of: { readonly id: (one: T) => number; readonly isInclusive: boolean },
): readonly T[] {
  const min = number(query, 'minId')
  const max = number(query, 'maxId')
  const slack = of.isInclusive ? 0 : 1
  const fits = all.filter(
    one =>
      (min === undefined || of.id(one) >= min + slack) &&
      (max === undefined || of.id(one) <= max - slack),
  )
  const ordered = (query.get('order') ?? 'desc') === 'desc' ? fits.reverse() : fits
  return ordered.slice(0, countOf(query))
}

export function countOf(query: URLSearchParams): number {
  const count = number(query, 'count') ?? 20
  if (count < 1 || count > 100) throw new BadRequest(`count must be 1 to 100. (count: ${count})`)
  return count
}

function number(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d+$/.test(text)) throw new BadRequest(`not a number. (${name}: ${text})`)
  return Number(text)
}

function numbers(query: URLSearchParams, name: string): Set<number> {
  return new Set(
    query.getAll(`${name}[]`).map(text => {
      if (!/^\d+$/.test(text)) throw new BadRequest(`not a number. (${name}: ${text})`)
      return Number(text)
    }),
  )
}

/** Conditions on what only the rendered issue has; undefined: there are none. */
function shownFilter(query: URLSearchParams): ((issue: JsonObject) => boolean) | undefined {
  const tests: ((issue: JsonObject) => boolean)[] = []
  for (const name of SHOWN_IDS) {
    const wanted = numbers(query, name)
    const idOf = (issue: JsonObject) => {
      const member = issue[name] ?? issue[name.slice(0, -2)]
      return typeof member === 'object' ? (member as JsonObject | null)?.['id'] : member
    }
    if (wanted.size > 0) tests.push(issue => wanted.has(Number(idOf(issue) ?? -1)))
  }
  for (const name of SHOWN_DAYS) {
    const [since, until] = [day(query, `${name}Since`), day(query, `${name}Until`)]
    if (since === undefined && until === undefined) continue
    tests.push(issue => {
      const ms = Date.parse(String(issue[name]))
      return ms >= (since ?? ms) && ms <= (until ?? ms)
    })
  }
  for (const [name, member] of SHOWN_LISTS) {
    const wanted = numbers(query, name)
    const has = (issue: JsonObject) =>
      listOf(issue, member).some(one => wanted.has(Number(one['id'])))
    if (wanted.size > 0) tests.push(has)
  }
  for (const [name, has] of SHOWN_FLAGS) {
    const wanted = query.get(name)
    if (wanted !== null) tests.push(issue => String(has(issue)) === wanted)
  }
  const keyword = query.get('keyword')?.toLowerCase() ?? ''
  const textOf = (issue: JsonObject) => `${issue['summary']}\n${issue['description']}`.toLowerCase()
  if (keyword !== '') tests.push(issue => textOf(issue).includes(keyword))
  return tests.length === 0 ? undefined : issue => tests.every(one => one(issue))
}

/** 0 all, 1 no child, 2 a child, 3 neither child nor parent, 4 a parent. */
function familyFilter(space: Space, query: URLSearchParams): (issue: IssueRecord) => boolean {
  const kind = number(query, 'parentChild') ?? 0
  if (kind > 4) throw new BadRequest(`Unknown relation. (parentChild: ${kind})`)
  if (kind === 0) return () => true
  const parents = new Set([...space.issues.values()].map(one => one.parentId))
  return ({ id, parentId }) =>
    kind === 2
      ? parentId !== null
      : kind === 4
        ? parents.has(id)
        : parentId === null && (kind === 1 || !parents.has(id))
}

function listOf(issue: JsonObject, name: string): readonly JsonObject[] {
  return (issue[name] ?? []) as readonly JsonObject[]
}

function day(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new BadRequest(`not a date. (${name}: ${text})`)
  return Date.parse(text)
}

const FILTERS: readonly (readonly [string, (issue: IssueRecord) => number | null])[] = [
  ['projectId', issue => issue.projectId],
  ['statusId', issue => issue.statusId],
  ['priorityId', issue => issue.priorityId],
  ['assigneeId', issue => issue.assigneeId],
  ['id', issue => issue.id],
]
const SORTS = new Set([
  ...['issueType', 'category', 'version', 'milestone', 'summary', 'status', 'priority'],
  ...['attachment', 'sharedFile', 'createdUser', 'updatedUser', 'assignee', 'startDate', 'dueDate'],
  ...['estimatedHours', 'actualHours', 'childIssue'],
])
/** Filters by what is in a list of the issue. */
const SHOWN_LISTS = [
  ['categoryId', 'category'],
  ['versionId', 'versions'],
  ['milestoneId', 'milestone'],
] as const
const SHOWN_FLAGS: readonly (readonly [string, (issue: JsonObject) => boolean])[] = [
  ['attachment', issue => listOf(issue, 'attachments').length > 0],
  ['sharedFile', issue => listOf(issue, 'sharedFiles').length > 0],
  ['hasDueDate', issue => issue['dueDate'] !== null],
]
const SHOWN_IDS = ['issueTypeId', 'createdUserId', 'resolutionId', 'parentIssueId']
const SHOWN_DAYS = ['startDate', 'dueDate']
const DAYS = [
  ['created', 'createdMs'],
  ['updated', 'updatedMs'],
] as const
