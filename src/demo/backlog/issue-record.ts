/**
 * Issues of the stand-in: small records that are rendered when they are asked for, so that 200,000 of
 * them fit into memory. Comments of the generator are rendered as well; only those that were added or
 * changed are kept.
 * Spec: backlog-replication 1.9, 3.1.
 */
import {
  briefUser,
  isoSeconds,
  type Json,
  type JsonObject,
  pick,
  star,
  statusOf,
} from './payload.ts'

export interface IssueRecord {
  readonly id: number
  projectId: number
  keyId: number
  summary: string
  statusId: number
  priorityId: number
  resolutionId: number | null
  assigneeId: number | null
  readonly createdMs: number
  updatedMs: number
  categoryIds: readonly number[]
  milestoneIds: readonly number[]
  commentCount: number
  parentId: number | null
  /** Members that a test set by hand. */
  extra?: JsonObject
}

export interface ProjectFacts {
  readonly id: number
  key: string
  readonly name: string
}

const SUMMARIES = [
  'Renew certificate',
  '証明書を更新する',
  'Fix <script>alert(1)</script> in title',
  'قائمة المهام',
  'Rotate keys 🔑',
  'Nai\u0308ve cafe\u0301',
]

export interface IssueSeed {
  readonly seed: number
  readonly index: number
  readonly projectId: number
  readonly keyId: number
  readonly createdMs: number
  readonly users: number
  readonly comments: number
}

export function makeIssue(of: IssueSeed): IssueRecord {
  const { seed, index, projectId } = of
  const roll = (n: number, salt: number) => pick(n, seed, index, salt)
  const isAssigned = roll(5, 1) > 0
  const statusId = 1 + roll(4, 2)
  return {
    id: 880_001 + index,
    projectId,
    keyId: of.keyId,
    summary: `${SUMMARIES[roll(SUMMARIES.length, 3)]} ${index}`,
    statusId,
    priorityId: 2 + roll(3, 4),
    resolutionId: statusId === 4 ? roll(5, 5) : null,
    assigneeId: isAssigned ? 40_001 + roll(of.users, 6) : null,
    createdMs: of.createdMs,
    updatedMs: of.createdMs + roll(86_400, 7) * 1000,
    categoryIds: roll(2, 8) === 0 ? [] : [projectId * 10 + roll(3, 9)],
    milestoneIds: roll(3, 10) === 0 ? [projectId * 10 + 5] : [],
    parentId: null,
    commentCount: of.comments === 0 ? 0 : roll(of.comments * 2 + 1, 11),
  }
}

export function renderIssue(issue: IssueRecord, project: ProjectFacts): JsonObject {
  const { id, projectId } = issue
  const roll = (n: number, salt: number) => pick(n, id, salt)
  const startMs = Date.UTC(2026, roll(12, 1), 1 + roll(28, 2))
  return {
    id,
    projectId,
    issueKey: `${project.key}-${issue.keyId}`,
    keyId: issue.keyId,
    issueType: {
      id: projectId * 10 + 1,
      projectId,
      name: 'Task',
      color: '#7ea800',
      displayOrder: 0,
    },
    summary: issue.summary,
    description:
      roll(500, 3) === 0 ? 'x'.repeat(100_000) : `Description of ${issue.summary}\nline 2`,
    resolution:
      issue.resolutionId === null
        ? null
        : { id: issue.resolutionId, name: RESOLVED[issue.resolutionId]! },
    priority: { id: issue.priorityId, name: PRIORITY[issue.priorityId]! },
    status: statusOf(issue.statusId, projectId),
    assignee: briefUser(issue.assigneeId),
    category: issue.categoryIds.map(one => categoryOf(one, projectId)),
    versions: roll(4, 16) === 0 ? [milestoneOf(projectId * 10 + 5, projectId)] : [],
    milestone: issue.milestoneIds.map(one => milestoneOf(one, projectId)),
    startDate: roll(4, 4) === 0 ? null : isoSeconds(startMs),
    dueDate: roll(3, 5) === 0 ? null : isoSeconds(startMs + 4 * 86_400_000),
    estimatedHours: roll(2, 6) === 0 ? null : roll(40, 7) / 4,
    actualHours: null,
    parentIssueId: issue.parentId,
    createdUser: briefUser(40_001 + roll(3, 8)),
    created: isoSeconds(issue.createdMs),
    updatedUser: roll(6, 9) === 0 ? null : briefUser(40_001),
    updated: isoSeconds(issue.updatedMs),
    customFields: customFieldsOf(projectId, roll),
    attachments: roll(5, 14) === 0 ? [{ id: id * 10, name: 'trace.log', size: 18_233 }] : [],
    sharedFiles: roll(6, 17) === 0 ? [sharedFile(projectId)] : [],
    stars: roll(7, 15) === 0 ? [star(id * 10 + 1, 40_001, issue.createdMs)] : [],
    ...issue.extra,
  }
}

function sharedFile(projectId: number): JsonObject {
  return {
    ...{ id: projectId * 100 + 2, projectId, type: 'file', dir: '/', name: 'read me.txt' },
    ...{ size: 2735, createdUser: briefUser(40_001), created: '2026-01-05T00:00:00Z' },
    ...{ updatedUser: null, updated: '2026-01-05T00:00:00Z' },
  }
}

/** One of each kind. */
function customFieldsOf(projectId: number, roll: (n: number, salt: number) => number): Json {
  const site = { id: 1 + roll(2, 10), name: ['Tokyo', 'Fukuoka'][roll(2, 10)]!, displayOrder: 0 }
  const risk = { id: 2, name: 'Low', displayOrder: 1 }
  const field = (number: number, fieldTypeId: number, name: string) => ({
    ...{ id: projectId * 10 + number, fieldTypeId, name },
  })
  return [
    { ...field(1, 1, 'Note'), value: ['', 'short', null][roll(3, 18)]! },
    { ...field(2, 2, '詳細'), value: roll(2, 19) === 0 ? null : 'line 1\nline 2' },
    { ...field(4, 4, 'Due at customer'), value: roll(2, 20) === 0 ? null : '2026-12-24' },
    { ...field(5, 5, 'Team'), value: roll(2, 21) === 0 ? null : risk },
    { ...field(6, 6, 'Affected site'), value: [site] },
    { ...field(7, 3, 'Ports'), value: roll(2, 11) === 0 ? null : roll(65_536, 12) },
    { ...field(8, 8, 'Risk'), value: risk, otherValue: null },
    { ...field(9, 7, 'Checks'), value: roll(2, 22) === 0 ? [] : [site, risk], otherValue: 'more' },
  ]
}

const PRIORITY: Readonly<Record<number, string>> = { 2: 'High', 3: 'Normal', 4: 'Low' }
const RESOLVED: Readonly<Record<number, string>> = {
  0: 'Fixed',
  1: "Won't Fix",
  2: 'Invalid',
  3: 'Duplication',
  4: 'Cannot Reproduce',
}

export function categoryOf(id: number, projectId: number): JsonObject {
  return { id, projectId, name: `Category ${id % 10}`, displayOrder: id % 10 }
}

export function milestoneOf(id: number, projectId: number): JsonObject {
  return {
    ...{ id, projectId, name: '2026.11', description: '' },
    startDate: '2026-11-01T00:00:00Z',
    releaseDueDate: null,
    archived: false,
    displayOrder: 3,
  }
}

/** Comment `index` of the generator. */
export function renderComment(issue: IssueRecord, index: number): JsonObject {
  const id = issue.id * 1000 + index
  const createdMs = issue.createdMs + (index + 1) * 60_000
  const isChange = pick(3, id, 1) === 0
  const change = {
    field: 'status',
    newValue: 'In Progress',
    originalValue: 'Open',
    attachmentInfo: null,
    attributeInfo: null,
    notificationInfo: null,
  }
  return {
    id,
    projectId: issue.projectId,
    issueId: issue.id,
    content: isChange ? null : `Comment ${index} 👍`,
    changeLog: isChange ? [change] : [],
    createdUser: briefUser(40_001 + pick(3, id, 2)),
    created: isoSeconds(createdMs),
    updated: isoSeconds(createdMs),
    stars: pick(5, id, 4) === 0 ? [star(id * 10 + 1, 40_002, createdMs)] : [],
    notifications:
      pick(4, id, 3) === 0
        ? [
            {
              id: id * 10,
              alreadyRead: false,
              reason: 2,
              user: briefUser(40_001),
              resourceAlreadyRead: false,
            },
          ]
        : [],
  }
}
