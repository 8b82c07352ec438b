/**
 * What a space of the stand-in has beside issues: wiki pages with versions, documents in a tree, shared
 * files, pull requests with comments, stars, notifications. Made with the space; changed by its methods,
 * which tests call.
 * Invariants: the same space makes the same contents; every change moves `updated` and records its
 * activity as Backlog does.
 * Spec: backlog-replication 1.9, 3.1.
 */
import { attachment, briefUser, isoSeconds, type JsonObject, star } from './payload.ts'
import type { Space } from './space.ts'
import { stamps } from './space-payload.ts'

export interface DocumentRecord {
  readonly payload: JsonObject
  readonly parentId: string | null
  readonly isTrashed: boolean
}

export interface PullRecord {
  readonly payload: JsonObject & { readonly id: number; readonly number: number }
  readonly comments: readonly JsonObject[]
}

const NOTICES = 120
const CHANGE: JsonObject = {
  field: 'status',
  newValue: 'Closed',
  originalValue: 'Open',
  attachmentInfo: { id: 77, name: 'a.txt' },
  attributeInfo: { id: 5, typeId: '1' },
  notificationInfo: { type: 'issue.create' },
}

export class SpaceContents {
  /** By page. */
  readonly wikis = new Map<number, JsonObject>()
  readonly wikiVersions = new Map<number, JsonObject[]>()
  readonly documents = new Map<string, DocumentRecord>()
  /** By repository, in the order of numbers. */
  readonly pulls = new Map<number, PullRecord[]>()
  readonly files = new Map<number, JsonObject[]>()
  /** By user who got them. */
  readonly stars = new Map<number, JsonObject[]>()
  readonly notifications: JsonObject[] = []
  readonly #space: Space
  #nextId = 2_000_000_000

  constructor(space: Space) {
    this.#space = space
    for (const { id } of space.projects) this.#fill(id)
    for (let index = 0; index < space.users; index++) {
      const user = 40_001 + index
      const own = Array.from({ length: index * 60 }, (_, at) => star(user * 1000 + at, 40_001, 0))
      this.stars.set(user, own)
    }
    for (let index = 0; index < NOTICES; index++) this.notifications.push(notice(22 + index))
  }

  #fill(project: number): void {
    for (const number of [1, 2, 3]) this.#makeWiki(project * 100 + number, project)
    for (let number = 0; number < 5; number++) this.#makeDocument(project, number)
    for (const [repository, count] of [
      [project * 10 + 5, 5],
      [project * 10 + 6, 2],
    ] as const)
      this.pulls.set(
        repository,
        Array.from({ length: count }, (_, index) => makePull(project, repository, index + 1)),
      )
    this.files.set(project, filesOf(project))
  }

  #makeWiki(id: number, project: number): void {
    const created = '2025-01-01T00:00:00Z'
    this.wikis.set(id, {
      ...{ id, projectId: project, name: `Page ${id % 100}`, content: `# Page ${id}` },
      tags: [{ id: 12, name: 'runbook' }],
      ...stamps(created, '2026-10-02T01:00:00Z'),
      attachments: id % 100 === 1 ? [attachment(id * 10)] : [],
      sharedFiles: id % 100 === 2 ? [filesOf(project)[1]!] : [],
      stars: id % 100 === 3 ? [star(id * 10 + 1, 40_002, Date.parse(created))] : [],
    })
    const versions = Array.from({ length: id % 100 }, (_, index) =>
      version(this.wikis.get(id)!, index + 1),
    )
    this.wikiVersions.set(id, versions)
  }

  #makeDocument(project: number, number: number): void {
    const id = documentId(project, number)
    const payload = {
      ...{ id, projectId: project, title: `On-call guide ${number}`, plain: 'Call the desk' },
      ...{ json: number === 1 ? { type: 'doc' } : '{}', statusId: 1, emoji: '📘' },
      attachments: number === 0 ? [attachment(project * 10 + number)] : [],
      tags: number % 2 === 0 ? [{ id: 1, name: 'oncall' }] : [],
      ...stamps('2024-12-06T01:08:56Z', `2026-04-2${number}T01:47:02Z`),
    }
    const parentId = number === 2 ? documentId(project, 0) : null
    this.documents.set(id, { payload, parentId, isTrashed: number === 4 })
  }

  /** Undefined: not there, or removed by a test. */
  wiki(id: number): JsonObject | undefined {
    const patch = this.#space.wikiPatches.get(id)
    const made = this.wikis.get(id)
    return patch === null || made === undefined ? undefined : { ...made, ...patch }
  }

  wikisOf(project: number): JsonObject[] {
    const ids = [...this.wikis.keys()].filter(id => Math.floor(id / 100) === project)
    return ids.map(id => this.wiki(id)).filter(one => one !== undefined)
  }

  editWiki(id: number, content: string): void {
    const updated = isoSeconds(this.#space.now())
    const page = { ...this.wikis.get(id)!, content, updated }
    this.wikis.set(id, page)
    const versions = this.wikiVersions.get(id)!
    versions.push({ ...version(page, versions.length + 1), created: updated })
  }

  documentsOf(project: number): DocumentRecord[] {
    return [...this.documents.values()].filter(one => one.payload['projectId'] === project)
  }

  editDocument(id: string, plain: string): void {
    const record = this.documents.get(id)!
    const updated = isoSeconds(this.#space.now())
    this.documents.set(id, { ...record, payload: { ...record.payload, plain, updated } })
  }

  /** Its children go with it. */
  trashDocument(id: string): void {
    for (const [own, record] of this.documents)
      if (own === id || record.parentId === id)
        this.documents.set(own, { ...record, isTrashed: true })
  }

  pull(repository: number, number: number): PullRecord | undefined {
    return this.pulls.get(repository)?.find(one => one.payload.number === number)
  }

  addPull(project: number, repository: number): number {
    const all = this.pulls.get(repository)!
    const number = all.length + 1
    const created = isoSeconds(this.#space.now())
    const made = makePull(project, repository, number, 1)
    const payload = { ...made.payload, ...stamps(created) }
    all.push({ payload, comments: [] })
    this.#recordPull(18, payload)
    return number
  }

  /** `isSilent`: leaves no activity. */
  editPull(
    at: { readonly repository: number; readonly number: number },
    part: JsonObject,
    isSilent = false,
  ): void {
    const { payload, comments } = this.pull(at.repository, at.number)!
    const updated = isoSeconds(this.#space.now())
    this.#putPull(at.repository, { payload: { ...payload, ...part, updated }, comments })
    if (!isSilent) this.#recordPull(19, payload)
  }

  /** Comments do not move the `updated` of their pull request. */
  commentPull(
    at: { readonly repository: number; readonly number: number },
    content: string | null,
  ): void {
    const { payload, comments } = this.pull(at.repository, at.number)!
    const comment = { ...pullComment(this.#nextId++, true), content }
    this.#putPull(at.repository, { payload, comments: [...comments, comment] })
    this.#recordPull(20, payload)
  }

  #putPull(repository: number, record: PullRecord): void {
    const all = this.pulls.get(repository)!
    all[all.findIndex(one => one.payload.number === record.payload.number)] = record
  }

  #recordPull(type: number, payload: PullRecord['payload']): void {
    const { id, number, projectId, repositoryId, summary } = payload
    const repository = { id: repositoryId!, name: 'infra', description: null }
    const content = { id, number, summary: summary!, repository }
    this.#space.record(type, Number(projectId), content)
  }

  addStar(user: number): void {
    const own = this.stars.get(user)!
    own.push(star(user * 1000 + own.length, 40_001, this.#space.now()))
  }

  addNotification(): void {
    this.notifications.push(notice(22 + this.notifications.length))
  }

  readNotification(id: number): void {
    const at = this.notifications.findIndex(one => one['id'] === id)
    this.notifications[at] = { ...this.notifications[at]!, alreadyRead: true }
  }
}

function documentId(project: number, number: number): string {
  return `0193998340${String(number).padStart(2, '0')}79d5a06a4985978${String(project).padStart(5, '0')}`
}

function version(page: JsonObject, number: number): JsonObject {
  return {
    ...{ pageId: page['id']!, version: number, name: page['name']! },
    content: `${page['content']} v${number}`,
    ...{ createdUser: briefUser(40_001), created: '2025-01-01T00:00:00Z' },
  }
}

function makePull(project: number, repository: number, number: number, status?: number) {
  const id = repository * 1000 + number
  const statusId = status ?? 1 + (number % 3)
  const at = '2026-10-03T03:04:14Z'
  const payload = {
    ...{ id, projectId: project, repositoryId: repository, number },
    summary: `Rotate keys ${number}`,
    ...{ description: '…', base: 'main', branch: `rotate-${number}` },
    status: { id: statusId, name: ['Open', 'Closed', 'Merged'][statusId - 1]! },
    ...{ assignee: number % 2 === 0 ? briefUser(40_002) : null, issue: { id: 880_001 } },
    ...{ baseCommit: null, branchCommit: null, mergeCommit: null },
    ...{ closeAt: statusId === 2 ? at : null, mergeAt: statusId === 3 ? at : null },
    ...stamps(at),
    attachments: number === 2 ? [brief(attachment(id * 10))] : [],
    stars: number === 3 ? [star(id * 10 + 1, 40_001, 0)] : [],
  }
  const comments = [0, 1].map(index => pullComment(id * 100 + index, index === 0))
  return { payload, comments: number % 2 === 0 ? [] : comments }
}

function pullComment(id: number, hasMore: boolean): JsonObject {
  const at = '2026-10-03T04:04:14Z'
  const user = briefUser(40_001)
  const read = { alreadyRead: false, resourceAlreadyRead: false, reason: 11 }
  return {
    ...{ id, content: hasMore ? null : 'Looks good', changeLog: hasMore ? [CHANGE] : [] },
    ...{ createdUser: user, created: at, updated: at },
    stars: hasMore ? [] : [star(id * 10, 40_002, 0)],
    notifications: hasMore ? [{ id: id * 10 + 1, ...read, user }] : [],
  }
}

/** As it stands inside its parent. */
function brief({ id, name, size }: JsonObject): JsonObject {
  return { id: id!, name: name!, size: size! }
}

function filesOf(project: number): JsonObject[] {
  const one = (number: number, type: string, dir: string, name: string): JsonObject => ({
    ...{ id: project * 100 + number, projectId: project, type, dir, name },
    size: type === 'file' ? 2735 : null,
    ...stamps(),
  })
  return [
    one(1, 'directory', '/', 'design'),
    one(2, 'file', '/', 'read me.txt'),
    one(3, 'file', '/design/', 'site.png'),
    one(4, 'directory', '/design/', '古い 50% #1'),
    one(5, 'file', '/design/古い 50% #1/', 'old?.png'),
    one(6, 'directory', '/', 'empty'),
    ...Array.from({ length: 120 }, (_, at) => one(10 + at, 'file', '/design/', `page-${at}.png`)),
  ]
}

function notice(id: number): JsonObject {
  return {
    ...{ id, alreadyRead: false, reason: 2, resourceAlreadyRead: false },
    project: { id: 101, projectKey: 'OPS', name: 'Operations' },
    issue: id % 2 === 0 ? { id: 880_001, issueKey: 'OPS-1' } : null,
    comment: id % 2 === 0 ? { id: 880_001_000 } : null,
    pullRequest: id % 2 === 1 ? { id: 1015001 } : null,
    pullRequestComment: id % 4 === 1 ? { id: 101_500_100 } : null,
    ...(id % 5 === 0 ? { document: { id: '01939983400079d5a06a498597800101' } } : {}),
    ...{ sender: id % 7 === 0 ? null : briefUser(40_001), created: '2026-10-04T07:55:13Z' },
  }
}
