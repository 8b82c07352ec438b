/**
 * Who signed in at the page: a cookie with a random value stands for a login until it ends.
 * Kept by `Callers`; made by the route of sign-in, asked for every request without another login.
 * Invariants: kept in memory only and bounded in number; a session ends 12 hours after it began, or 30
 * minutes after somebody last did something at the page; its cookie is out of reach for scripts.
 * Spec: backlog-replication 2.17; ui 4.9 (session end).
 */
import { randomBytes } from 'node:crypto'

const LIFE_MS = 12 * 3_600_000
const IDLE_MS = 30 * 60_000
const SESSIONS_MAX = 5_000
const COOKIE = 'scamander_session'
const SCHEME = 'Session '
/** Header of a call within the server: the session that it came with. */
export const SESSION_HEADER = 'x-scamander-session'

export interface Session {
  readonly id: string
  readonly name: string
  /** What the rest of the server takes as the login of this caller. */
  readonly authorization: string
  readonly lastMs: number
  endsMs: number
}

export class Sessions {
  readonly #sessions = new Map<string, Session>()
  readonly #onEnd: () => void

  constructor(onEnd: () => void = () => undefined) {
    this.#onEnd = onEnd
  }

  /** `authorization`: of a user of the configuration; a managed user has none that may be kept. */
  begin(name: string, authorization: string | undefined, nowMs = Date.now()): Session {
    this.#prune(nowMs)
    const id = randomBytes(32).toString('base64url')
    const session: Session = {
      ...{ id, name, authorization: authorization ?? SCHEME + id },
      ...{ lastMs: nowMs + LIFE_MS, endsMs: nowMs + IDLE_MS },
    }
    this.#sessions.set(id, session)
    return session
  }

  /** Of the cookies of a request. */
  find(cookies: string | undefined, nowMs = Date.now()): Session | undefined {
    for (const id of idsOf(cookies)) {
      const session = this.#sessions.get(id)
      if (session === undefined) continue
      if (session.endsMs > nowMs) return session
      this.#sessions.delete(id)
    }
    return undefined
  }

  /** The user of what `begin` made as a login. */
  nameOf(authorization: string, nowMs = Date.now()): string | undefined {
    const session = this.#sessions.get(authorization.slice(SCHEME.length))
    return session !== undefined && session.endsMs > nowMs ? session.name : undefined
  }

  /** Whether it has not ended. */
  isOpen(id: string, nowMs = Date.now()): boolean {
    return (this.#sessions.get(id)?.endsMs ?? 0) > nowMs
  }

  stay(session: Session, nowMs = Date.now()): void {
    session.endsMs = Math.min(session.lastMs, nowMs + IDLE_MS)
  }

  end(session: Session): void {
    if (this.#sessions.delete(session.id)) this.#onEnd()
  }

  /** A user who was disabled, deleted, or signs in another way from now on. */
  endOf(name: string, exceptId?: string): void {
    for (const session of [...this.#sessions.values()]) {
      if (session.name === name && session.id !== exceptId) this.end(session)
    }
  }

  /** Ended ones go; of too many the oldest. */
  #prune(nowMs: number): void {
    for (const session of [...this.#sessions.values()]) {
      const isOver = session.endsMs <= nowMs || this.#sessions.size >= SESSIONS_MAX
      if (isOver) this.end(session)
    }
  }
}

export function isSession(authorization: string | undefined): boolean {
  return authorization?.startsWith(SCHEME) === true
}

/** Servers on other ports of the same machine share cookies: each has a name of its own. */
export function cookieName(host: string | undefined): string {
  const port = /:(\d+)$/.exec(host ?? '')?.[1]
  return port === undefined ? COOKIE : `${COOKIE}_${port}`
}

export function cookieOf(
  value: string,
  of: { readonly host: string | undefined; readonly isTls: boolean },
): string {
  const ends = value === '' ? '; Max-Age=0' : `; Max-Age=${LIFE_MS / 1000}`
  const secure = of.isTls ? '; Secure' : ''
  return `${cookieName(of.host)}=${value}; Path=/; HttpOnly; SameSite=Lax${ends}${secure}`
}

function idsOf(cookies: string | undefined): string[] {
  return (cookies ?? '').split(';').flatMap(one => {
    const [name = '', value = ''] = one.trim().split('=', 2)
    return name.startsWith(COOKIE) && value !== '' ? [value] : []
  })
}
