/**
 * The stand-in for Backlog, asked by a client that knows nothing of it: `backlog-js`, every GET that it
 * offers, its sign-in, and its errors. What this client can read, the product can rely on.
 * Spec: backlog-replication 3.2, 3.5.
 */
import { Backlog, Error as Errors, OAuth2 } from 'backlog-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BacklogStandIn, startBacklogStandIn } from '../../src/demo/index.ts'
import { GETS, type GetCase, NOT_SERVED } from './backlog-js-cases.ts'
import { misfits } from './backlog-js-shapes.ts'

const HOST = 'acme.backlog.test'
const NOW = Date.UTC(2026, 10, 2)
const DEFAULT_COUNT = 20
type Page = readonly Record<string, unknown>[]
type Failure = InstanceType<typeof Errors.BacklogError>

let nowMs = NOW
let standIn: BacklogStandIn

beforeAll(async () => {
  standIn = await startBacklogStandIn({
    ...{ projects: 25, issues: 60, now: () => nowMs, limits: { read: 5_000, search: 5_000 } },
  })
  const { space } = standIn
  space.issues.get(880_001)!.extra = {
    ...{ attachments: [{ id: 1, name: 'a', size: 2 }] },
    sharedFiles: space.contents.files.get(101)!.slice(1, 2),
  }
  for (let at = 0; at < 25; at++) {
    space.addComment(880_001, `comment ${at}`)
    space.contents.editWiki(10_101, `text ${at}`)
    space.contents.addPull(101, 1015)
    space.contents.commentPull({ repository: 1015, number: 1 }, `comment ${at}`)
  }
})
afterAll(() => standIn.close())

/** The client knows https only. */
const rewritten: typeof fetch = (url, init) =>
  fetch(String(url).replace(`https://${HOST}`, standIn.url), init)

function client(credential: { apiKey?: string; accessToken?: string } = standIn): Backlog {
  const { apiKey, accessToken } = credential
  const given = accessToken === undefined ? { apiKey: apiKey ?? '' } : { accessToken }
  return new Backlog({ host: HOST, ...given, fetch: rewritten })
}

function call(name: string, args: readonly unknown[]): Promise<unknown> {
  const methods = client() as unknown as Record<string, (...all: unknown[]) => Promise<unknown>>
  return methods[name]!(...args)
}

function listed(name: string, { args }: GetCase, more: object): Promise<Page> {
  const given = [...args.slice(0, -1), { ...(args.at(-1) as object), ...more }]
  return call(name, given) as Promise<Page>
}

async function refusal(answer: Promise<unknown>): Promise<Failure> {
  const error = await answer.then(
    found => new Error(`expected a refusal, found ${JSON.stringify(found)}`),
    error => error,
  )
  expect(error).toBeInstanceOf(Errors.BacklogError)
  return error
}

const codeOf = (error: Failure) => [error.name, error.status, error.body?.errors[0]?.code]

const entries = Object.entries(GETS) as [string, GetCase][]
const paged = entries.filter(([, { paging }]) => (paging ?? 'whole') !== 'whole')

it('every GET that the client offers is in one of the two tables, and no other', () => {
  const offered = Object.getOwnPropertyNames(Backlog.prototype)
  const gets = offered.filter(name => /^(get|download)[A-Z]/.test(name))
  expect(Object.keys({ ...GETS, ...NOT_SERVED }).sort()).toEqual(gets.sort())
})

describe('answers', () => {
  it.each(entries)('%s has the fields that the client expects', async (name, given) => {
    const answer = await call(name, given.args)
    expect(Array.isArray(answer)).toBe(given.paging !== undefined)
    const all = given.paging === undefined ? [answer] : (answer as Page)
    expect(all.length).toBeGreaterThan(0)
    expect(all.flatMap(one => misfits(one, given.shape))).toEqual([])
  })

  it.each(Object.entries(NOT_SERVED))(
    '%s is refused as a thing that is not there',
    async (name, { args }) => {
      const error = await refusal(call(name, args))
      expect(codeOf(error)).toEqual(['BacklogApiError', 404, 6])
    },
  )
})

describe('pages', () => {
  it.each(paged)('of %s hold 20 unless asked, and at most 100', async (name, given) => {
    const all = await listed(name, given, { count: 100 })
    const byDefault = await listed(name, given, {})
    if (given.paging !== 'short') expect(all.length).toBeGreaterThan(DEFAULT_COUNT)
    expect(byDefault).toEqual(all.slice(0, DEFAULT_COUNT))
    for (const count of [0, 101]) {
      const error = await refusal(listed(name, given, { count }))
      expect(codeOf(error)).toEqual(['BacklogApiError', 400, 7])
    }
  })

  it.each(paged.filter(([, { paging }]) => paging !== 'id'))(
    'of %s move by offset',
    async (...of) => {
      const [name, given] = of
      const all = await listed(name, given, { count: 100 })
      expect(await listed(name, given, { offset: 1, count: 3 })).toEqual(all.slice(1, 4))
      expect(await listed(name, given, { offset: 1_000 })).toEqual([])
    },
  )

  it.each(paged.filter(([, { paging }]) => paging === 'id'))('of %s go by ids', async (...of) => {
    const [name, given] = of
    const member = name === 'getWikisHistory' ? 'version' : 'id'
    const ids = async (more: object) =>
      (await listed(name, given, more)).map(one => Number(one[member]))
    const falling = (all: readonly number[]) => [...all].sort((a, b) => b - a)
    const newest = await ids({ count: 10 })
    expect(newest).toEqual(falling(newest))
    const middle = newest[5]!
    const after = await ids({ minId: middle, order: 'asc' })
    expect(after).toEqual(newest.slice(0, 5).reverse())
    const before = await ids({ maxId: middle, count: 4 })
    expect(before).toEqual(newest.slice(6))
  })

  it('of documents need an offset', async () => {
    const error = await refusal(client().get('documents', {}))
    expect(codeOf(error)).toEqual(['BacklogApiError', 400, 7])
  })
})

describe('questions', () => {
  it('take ids or keys of projects and issues, and ids or names of repositories', async () => {
    const backlog = client()
    const { issueKey } = await backlog.getIssue(880_001)
    expect((await backlog.getIssue(issueKey)).id).toBe(880_001)
    expect(await backlog.getProject(101)).toEqual(await backlog.getProject('OPS'))
    const byName = await backlog.getPullRequests('OPS', 'infra', {})
    expect(byName).toEqual(await backlog.getPullRequests(101, '1015', {}))
  })

  it('take lists in brackets', async () => {
    const wanted = { projectId: [101, 102], statusId: [1, 2], count: 100 }
    const found = await client().getIssues(wanted)
    expect(found.length).toBeGreaterThan(0)
    for (const one of found) expect([101, 102]).toContain(one.projectId)
    expect(await client().getIssuesCount(wanted)).toEqual({ count: found.length })
    expect(standIn.journal.at(-1)!.query).toContain('projectId%5B%5D=101&projectId%5B%5D=102')
  })

  it.each<[string, object, (issue: Awaited<ReturnType<Backlog['getIssue']>>) => boolean]>([
    ['categoryId', { categoryId: [1011] }, one => one.category.some(({ id }) => id === 1011)],
    ['milestoneId', { milestoneId: [1015] }, one => one.milestone.some(({ id }) => id === 1015)],
    ['versionId', { versionId: [1025] }, one => one.versions.some(({ id }) => id === 1025)],
    ['attachment', { attachment: true }, one => one.attachments.length > 0],
    ['sharedFile', { sharedFile: false }, one => one.sharedFiles.length === 0],
    ['hasDueDate', { hasDueDate: false }, one => one.dueDate === null],
    ['keyword', { keyword: 'rotate' }, one => one.summary.startsWith('Rotate')],
    ['parentChild', { parentChild: 2 }, one => one.parentIssueId !== null],
    ['createdUserId', { createdUserId: [40_002] }, one => one.createdUser.id === 40_002],
    ['startDateSince', { startDateSince: '2026-06-01' }, one => (one.startDate ?? '') >= '2026-06'],
  ])('filter issues by %s', async (_name, filter, fits) => {
    const all = await client().getIssues({ count: 100 })
    const wanted = all.filter(fits)
    expect(wanted.length).toBeLessThan(all.length)
    expect(await client().getIssues({ ...filter, count: 100 })).toEqual(wanted)
    expect(await client().getIssuesCount(filter)).toEqual({ count: wanted.length })
  })

  it('sort issues by any key of the client, and by no other', async () => {
    const due = await client().getIssues({ sort: 'dueDate', order: 'asc', count: 100 })
    const days = due.map(one => one.dueDate ?? '')
    expect(days).toEqual([...days].sort())
    const error = await refusal(client().get('issues', { sort: 'colour' }))
    expect(codeOf(error)).toEqual(['BacklogApiError', 400, 7])
  })

  it.each([
    { updatedSince: '2026-11-1' },
    { createdUntil: 'today' },
    { 'projectId[]': 'OPS' },
    { offset: -1 },
  ])('%o are refused', async params => {
    const error = await refusal(client().get('issues', params))
    expect(codeOf(error)).toEqual(['BacklogApiError', 400, 7])
  })
})

describe('errors', () => {
  it('a wrong key, and none, are not let in', async () => {
    const wrong = await refusal(client({ apiKey: 'wrong' }).getSpace())
    expect(wrong).toBeInstanceOf(Errors.BacklogAuthError)
    expect(codeOf(wrong)).toEqual(['BacklogAuthError', 401, 11])
    expect(codeOf(await refusal(client({}).getSpace()))).toEqual(['BacklogAuthError', 401, 11])
  })

  it.each([
    ['project', () => client().getProject('NONE')],
    ['issue', () => client().getIssue('NONE-1')],
    ['user', () => client().getUser(1)],
    ['directory', () => client().getSharedFiles(101, 'none', {})],
    ['repository', () => client().getPullRequests(101, 'none', {})],
  ])('a %s that is not there is told as such', async (_what, ask) => {
    expect(codeOf(await refusal(ask()))).toEqual(['BacklogApiError', 404, 6])
  })

  it('tell the limits, and that they were passed, until the window ends', async () => {
    nowMs += 60_000
    standIn.limits.limit.search = 2
    for (let at = 0; at < 2; at++) await client().getIssues({ count: 1 })
    const error = await refusal(client().getIssues({ count: 1 }))
    expect(codeOf(error)).toEqual(['BacklogApiError', 429, 13])
    const headers = (error.response as Response).headers
    const told = ['limit', 'remaining'].map(name => headers.get(`x-ratelimit-${name}`))
    expect(told).toEqual(['2', '0'])
    const reset = Number(headers.get('x-ratelimit-reset'))
    expect((await client().getRateLimit()).rateLimit.search).toEqual({
      ...{ limit: 2, remaining: 0, reset },
    })
    nowMs = reset * 1000
    standIn.limits.limit.search = 5_000
    expect(await client().getIssues({ count: 1 })).toHaveLength(1)
  })
})

describe('a sign-in', () => {
  const oauth = () => new OAuth2({ clientId: 'client-1', clientSecret: 'secret-1' }, 0, rewritten)
  const redirectUri = 'http://127.0.0.1:1/oauth/backlog/callback'

  async function code(): Promise<string> {
    const url = oauth().getAuthorizationURL({ host: HOST, redirectUri, state: 'abc' })
    const answer = await rewritten(`${url}&answer=allow`, { redirect: 'manual' })
    const back = new URL(answer.headers.get('location')!)
    expect(back.searchParams.get('state')).toBe('abc')
    return back.searchParams.get('code')!
  }

  it('gives tokens for a code once, and new ones for the refresh token', async () => {
    const given = { host: HOST, code: await code(), redirectUri }
    const first = await oauth().getAccessToken(given)
    expect(first).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
    const accessToken = first.access_token
    expect((await client({ accessToken }).getMyself()).id).toBe(40_001)
    expect(await refusal(oauth().getAccessToken(given))).toMatchObject({
      ...{ status: 400, body: { error: 'invalid_grant' } },
    })
    const next = await oauth().refreshAccessToken({ host: HOST, refreshToken: first.refresh_token })
    expect(next.refresh_token).not.toBe(first.refresh_token)
    expect(await client({ accessToken: next.access_token }).getSpace()).toBeDefined()
  })

  it('of an unknown client is refused', async () => {
    const other = new OAuth2({ clientId: 'client-1', clientSecret: 'wrong' }, 0, rewritten)
    const error = await refusal(other.refreshAccessToken({ host: HOST, refreshToken: 'any' }))
    expect(error).toBeInstanceOf(Errors.BacklogAuthError)
    expect(error).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  it('that ended is told by a header, without a body', async () => {
    const given = { host: HOST, code: await code(), redirectUri }
    const { access_token: accessToken } = await oauth().getAccessToken(given)
    nowMs += 3_600_000
    const error = await refusal(client({ accessToken }).getSpace())
    expect(error).toBeInstanceOf(Errors.UnexpectedError)
    expect(error.status).toBe(401)
    const told = (error.response as Response).headers.get('www-authenticate')
    expect(told).toContain('error="invalid_token"')
  })
})
