/**
 * One space of the stand-in: projects, issues, comments, wikis, documents, repositories, and the
 * activities that changes leave behind. Changed through methods by the write routes and by tests.
 * Invariants: the same options make the same space; every change moves `updated`, records its
 * activity as Backlog does, and counts `version` up so that cached views are dropped.
 * Spec: backlog-replication 3.1.
 */
import {
  type IssueRecord,
  makeIssue,
  type ProjectFacts,
  renderComment,
  renderIssue,
} from './issue-record.ts'
import { briefUser, isoSeconds, type JsonObject, pick } from './payload.ts'
import { SpaceContents } from './space-contents.ts'

export interface SpaceOptions {
  /** @default 1 */
  readonly seed?: number
  /** @default 1 */
  readonly projects?: number
  /** @default 12 */
  readonly issues?: number
  /** @default 5 */
  readonly users?: number
  /** Comments of an issue on average. @default 2 */
  readonly comments?: number
  /** Time of the last generated issue. @default 2026-11-01 */
  readonly endMs?: number
  /** The clock. @default Date.now */
  readonly now?: () => number
}

export interface Activity {
  readonly id: number
  readonly type: number
  readonly projectId: number
  readonly content: JsonObject
  readonly userId: number
  readonly createdMs: number
}

const ISSUE_STEP_MS = 600_000
const ACTIVITIES_MAX = 100_000

export class Space {
  readonly seed: number
  readonly users: number
  readonly now: () => number
  readonly projects: ProjectFacts[]
  readonly issues = new Map<number, IssueRecord>()
  readonly activities: Activity[] = []
  /** Of comments that are not the generator's, or were changed; null: removed. */
  readonly comments = new Map<number, Map<number, JsonObject | null>>()
  /** Projects that answer 404, 403 or nothing special. */
  readonly hiddenProjects = new Map<number, 403 | 404>()
  readonly wikiPatches = new Map<number, JsonObject | null>()
  readonly contents: SpaceContents
  /** Custom fields beside those that each project has. */
  readonly addedFields: JsonObject[] = []
  /** Spaces that came later do not answer `groups`. */
  hasGroups = true
  version = 0
  #nextIssueId: number
  #nextCommentId = 2_000_000_000
  readonly #views = new Map<string, { version: number; issues: readonly IssueRecord[] }>()

  constructor(options: SpaceOptions = {}) {
    const { seed = 1, projects = 1, issues = 12, users = 5, comments = 2 } = options
    this.seed = seed
    this.users = users
    this.now = options.now ?? Date.now
    this.projects = Array.from({ length: projects }, (_, index) => ({
      id: 101 + index,
      key: index === 0 ? 'OPS' : `P${index}`,
      name: index === 0 ? 'Operations' : `プロジェクト ${index}`,
    }))
    const endMs = options.endMs ?? Date.UTC(2026, 10, 1)
    const startMs = endMs - issues * ISSUE_STEP_MS
    for (let index = 0; index < issues; index++) {
      const projectIndex = projects === 1 ? 0 : pick(projects, seed, index, 99)
      const issue = makeIssue({
        ...{ seed, index, users, comments },
        projectId: 101 + projectIndex,
        keyId: index + 1,
        createdMs: startMs + index * ISSUE_STEP_MS,
      })
      const before = this.issues.get(issue.id - 1)
      if (index % 10 === 9 && before?.projectId === issue.projectId) issue.parentId = before.id
      this.issues.set(issue.id, issue)
    }
    this.contents = new SpaceContents(this)
    this.#nextIssueId = 880_001 + issues
  }

  project(id: number | string): ProjectFacts | undefined {
    return this.projects.find(one => String(one.id) === String(id) || one.key === id)
  }

  issueOfKey(key: string): IssueRecord | undefined {
    const [, project = '', keyId] = /^(\w+)-(\d+)$/.exec(key) ?? []
    const projectId = this.project(project)?.id
    const isIt = (one: IssueRecord) => one.projectId === projectId && one.keyId === Number(keyId)
    return [...this.issues.values()].find(isIt)
  }

  /** Issues in ascending order of a time or the id; equal ones by id. */
  sorted(by: 'created' | 'updated'): readonly IssueRecord[] {
    const known = this.#views.get(by)
    if (known?.version === this.version) return known.issues
    const time = by === 'created' ? 'createdMs' : 'updatedMs'
    const issues = [...this.issues.values()].sort((a, b) => a[time] - b[time] || a.id - b.id)
    this.#views.set(by, { version: this.version, issues })
    return issues
  }

  /** `isExpanded`: with the summary of its children. */
  render(issue: IssueRecord, isExpanded = false): JsonObject {
    const shown = renderIssue(issue, this.project(issue.projectId)!)
    if (!isExpanded) return shown
    const child = this.issues.get(issue.id + 1)
    const isParent = child?.parentId === issue.id
    const closed = isParent && child.statusId === 4 ? 1 : 0
    return { ...shown, childIssueSummary: { total: isParent ? 1 : 0, closed } }
  }

  commentsOf(issue: IssueRecord): JsonObject[] {
    const own = this.comments.get(issue.id)
    const all: JsonObject[] = []
    for (let index = 0; index < issue.commentCount; index++) {
      const comment = renderComment(issue, index)
      const patched = own?.get(comment['id'] as number)
      if (patched === undefined) all.push(comment)
    }
    for (const comment of own?.values() ?? []) if (comment !== null) all.push(comment)
    return all.sort((a, b) => (a['id'] as number) - (b['id'] as number))
  }

  addIssue(part: Partial<IssueRecord> = {}, createdMs = this.now()): IssueRecord {
    const id = this.#nextIssueId++
    const made = makeIssue({
      ...{ seed: this.seed, index: id - 880_001, users: this.users, comments: 0 },
      projectId: part.projectId ?? this.projects[0]!.id,
      keyId: id - 880_000,
      createdMs: wholeSecond(createdMs),
    })
    const issue: IssueRecord = { ...made, updatedMs: wholeSecond(createdMs), ...part, id }
    this.issues.set(id, issue)
    this.#changed(issue, 1)
    return issue
  }

  /** `isSilent`: as an edit that leaves no activity. */
  updateIssue(id: number, part: Partial<IssueRecord>, updatedMs = this.now()): IssueRecord {
    const issue = this.issues.get(id)
    if (issue === undefined) throw new RangeError(`no issue ${id}`)
    Object.assign(issue, part, { updatedMs: wholeSecond(updatedMs) })
    this.#changed(issue, 2)
    return issue
  }

  deleteIssue(id: number): boolean {
    const issue = this.issues.get(id)
    if (issue === undefined) return false
    this.issues.delete(id)
    this.comments.delete(id)
    this.#changed(issue, 4)
    return true
  }

  addComment(issueId: number, content: string, movesIssue = true): JsonObject {
    const issue = this.issues.get(issueId)
    if (issue === undefined) throw new RangeError(`no issue ${issueId}`)
    const id = this.#nextCommentId++
    const at = isoSeconds(this.now())
    const comment: JsonObject = {
      ...{ id, projectId: issue.projectId, issueId, content, changeLog: [] },
      createdUser: briefUser(40_001),
      ...{ created: at, updated: at, stars: [], notifications: [] },
    }
    this.#ownComments(issueId).set(id, comment)
    if (movesIssue) issue.updatedMs = wholeSecond(this.now())
    this.#changed(issue, 3)
    return comment
  }

  /** Removes or replaces a comment; null removes. */
  putComment(issueId: number, id: number, comment: JsonObject | null): void {
    this.#ownComments(issueId).set(id, comment)
    const issue = this.issues.get(issueId)
    if (issue !== undefined) this.#changed(issue, 3)
  }

  #ownComments(issueId: number): Map<number, JsonObject | null> {
    let own = this.comments.get(issueId)
    if (own === undefined) {
      own = new Map()
      this.comments.set(issueId, own)
    }
    return own
  }

  #changed(issue: IssueRecord, type: number): void {
    this.record(type, issue.projectId, {
      ...{ id: issue.id, key_id: issue.keyId, summary: issue.summary },
    })
  }

  record(type: number, projectId: number, content: JsonObject): void {
    this.version++
    this.activities.push({
      ...{ id: 3_000 + this.version, type, projectId, content },
      ...{ userId: 40_001, createdMs: this.now() },
    })
    if (this.activities.length > ACTIVITIES_MAX) this.activities.shift()
  }
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}
