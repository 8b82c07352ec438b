/**
 * Signing in and out at the page: `POST`, `DELETE /session`, and `POST /session/stay` because somebody is
 * still there. On every server that serves the page; open to callers without a login.
 * Invariants: a wrong name and a wrong password read alike; whoever guesses has to wait; the password is
 * neither kept nor told.
 * Shapes: src/api-v1-access.ts. Spec: backlog-replication 2.17; ui 4.9, 5.2.
 */
import type { SessionInfo } from '../../api-v1.ts'
import type { SessionEnd, SignIn } from '../../api-v1-access.ts'
import { PRODUCT_VERSION } from '../../base/product-version.ts'
import type { Access } from '../access.ts'
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
      method: 'POST',
      path: PATH,
      summary: 'Signs in at the page: sets a cookie.',
      body: '`{"user", "password"}`',
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
  const { user = '', password = '' } = body<Partial<SignIn>>(call)
  const isText = typeof user === 'string' && typeof password === 'string'
  if (!isText || user.length > LENGTH_MAX || password.length > LENGTH_MAX)
    return problem(422, `expected user and password as texts of at most ${LENGTH_MAX} characters`)
  const waitMs = guard.waitMs(user)
  if (waitMs > 0) return refused(`Too many wrong tries. Wait ${secondsOf(waitMs)}, then try again.`)
  const found = await callers.tried(user, () => access.signIn(user, password))
  if (found === undefined) {
    const left = guard.left(user)
    const pause = secondsOf(guard.waitMs(user))
    return refused(
      left === 0
        ? `Name or password is wrong. Wait ${pause}, then try again.`
        : `Name or password is wrong. ${left} ${left === 1 ? 'try' : 'tries'} left before a pause.`,
    )
  }
  callers.people?.seen(user)
  const name = user === '' ? 'token' : user
  const before = sessions.find(call.headers['cookie'])
  if (before !== undefined) sessions.end(before)
  const session = sessions.begin(name, found.authorization)
  const answer = json(200, { endsAt: endOf(session) } satisfies SessionEnd)
  return { ...answer, headers: { 'set-cookie': cookie(call, session.id) } }
}

function refused(detail: string) {
  return problem(403, detail)
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
