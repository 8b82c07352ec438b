/**
 * Signing in and out at the page: `POST`, `DELETE /session`, and `POST /session/stay` because somebody is
 * still there. On every server that serves the page; open to callers without a login.
 * Invariants: a wrong name and a wrong password read alike; a code is asked for after a right password only,
 * and forgets no wrong try; whoever guesses has to wait; the password is neither kept nor told.
 * Shapes: src/api-v1-access.ts. Spec: backlog-replication 2.17; ui 4.9, 5.2.
 */
import type { SessionInfo } from '../../api-v1.ts'
import type { SessionEnd, SetupInfo, SignIn } from '../../api-v1-access.ts'
import { PRODUCT_VERSION } from '../../base/product-version.ts'
import type { Access, SignedIn } from '../access.ts'
import type { Callers } from '../callers.ts'
import { type Call, json, type Route } from '../route.ts'
import { cookieOf, type Session } from '../sessions.ts'
import { problem, v1Route } from './problem.ts'
import { body } from './v1-calls.ts'

const PATH = '/api/v1/session'
const LENGTH_MAX = 512

export function sessionRoutes(access: Access, callers: Callers): Route[] {
  return [
    v1Route({
      method: 'GET',
      path: '/api/v1/setup',
      summary: 'Whether the first user is still to be made, at /ui/setup.',
      handle: () => json(200, { needed: callers.setup !== undefined } satisfies SetupInfo),
    }),
    v1Route({
      method: 'POST',
      path: PATH,
      summary: 'Signs in at the page: sets a cookie.',
      body: '`{"user", "password", "code"}`; the code where a second factor is on',
      handle: call => signIn(call, { access, callers }),
    }),
    v1Route({
      method: 'DELETE',
      path: PATH,
      summary: 'Signs out.',
      handle: call => {
        const session = callers.sessions.find(call.headers['cookie'])
        if (session !== undefined) callers.sessions.end(session)
        return { status: 204, headers: { 'set-cookie': cookie(call, '') } }
      },
    }),
    v1Route({
      method: 'POST',
      path: `${PATH}/stay`,
      summary: 'Somebody is at the page: puts the end of the session off.',
      handle: call => {
        const session = callers.sessions.find(call.headers['cookie'])
        if (session !== undefined) callers.sessions.stay(session)
        return json(200, { endsAt: endOf(session) } satisfies SessionEnd)
      },
    }),
  ]
}

/** `GET /session` of a worker without `/api/v1`. */
export function workerSessionRoute(access: Pick<Access, 'hasLogin'>, callers: Callers): Route {
  const session = (call: Call): SessionInfo => {
    const caller = callers.callerOf(call.headers['authorization'])
    return {
      ...{ user: caller?.name ?? '', role: caller?.role ?? 'viewer', version: PRODUCT_VERSION },
      ...{ login: access.hasLogin, connect: true, endsAt: sessionEnd(call, callers) },
      ...{ managesUsers: false, sandbox: null },
    }
  }
  return v1Route({
    ...{ method: 'GET', path: PATH, summary: 'Who calls.' },
    handle: call => json(200, session(call)),
  })
}

/** When the session of the page ends; null: the caller has none. */
export function sessionEnd(call: Call, callers: Callers): string | null {
  return endOf(callers.sessions.find(call.headers['cookie']))
}

interface Parts {
  readonly access: Access
  readonly callers: Callers
}

async function signIn(call: Call, { access, callers }: Parts) {
  const { guard, sessions } = callers
  const { user = '', password = '', code = '' } = body<Partial<SignIn>>(call)
  const texts = [user, password, code]
  if (texts.some(one => typeof one !== 'string' || one.length > LENGTH_MAX))
    return problem(422, `expected user, password and code as texts of at most ${LENGTH_MAX}`)
  const waitMs = guard.waitMs(user)
  if (waitMs > 0) return refused(`Too many wrong tries. Wait ${secondsOf(waitMs)}, then try again.`)
  const found = await tried(callers, user, () => access.signIn({ user, password, code }))
  if (found === 'code-needed') return refused('Enter the code of your second factor.', 'code')
  if (found === 'wrong-code') return refused(`The code is wrong. ${leftOf(callers, user)}`, 'code')
  if (found === 'wrong') return refused(`Name or password is wrong. ${leftOf(callers, user)}`)
  callers.people?.seen(user)
  const name = user === '' ? 'token' : user
  const before = sessions.find(call.headers['cookie'])
  if (before !== undefined) sessions.end(before)
  return begun(call, sessions.begin(name, found.authorization))
}

/** Counts as wrong unless it is right; without a code that is needed it is neither. */
async function tried({ guard }: Callers, user: string, look: () => Promise<SignedIn>) {
  guard.wrong(user)
  try {
    const found = await look()
    if (typeof found === 'object') guard.right(user)
    else if (found === 'code-needed') guard.undo(user)
    return found
  } catch (error) {
    guard.undo(user)
    throw error
  }
}

/** The answer to whoever signed in. */
export function begun(call: Call, session: Session) {
  const answer = json(200, { endsAt: endOf(session) } satisfies SessionEnd)
  return { ...answer, headers: { 'set-cookie': cookie(call, session.id) } }
}

function leftOf({ guard }: Callers, user: string): string {
  const left = guard.left(user)
  if (left === 0) return `Wait ${secondsOf(guard.waitMs(user))}, then try again.`
  return `${left} ${left === 1 ? 'try' : 'tries'} left before a pause.`
}

function refused(detail: string, field?: string) {
  const errors = field === undefined ? {} : { errors: [{ field, message: detail }] }
  return problem(403, detail, errors)
}

function secondsOf(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`
}

function cookie({ headers }: Call, value: string): string {
  const isTls = headers['origin']?.startsWith('https:') === true
  return cookieOf(value, { host: headers['host'], isTls })
}

function endOf(session: Session | undefined): string | null {
  return session === undefined ? null : new Date(session.endsMs).toISOString()
}
