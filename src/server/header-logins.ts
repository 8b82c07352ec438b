/**
 * Logins in the header `Authorization`: users of the configuration, managed ones, the token of the server.
 * Asked by `Access` for every call with such a header; slows down whoever guesses.
 * Invariants: one that was right is remembered for a minute after its last use, by its digest, so that
 * guesses of others do not stop it; the same wrong one again is no further guess, so that a script with
 * an old password does not lock its user; whoever has a second factor has no login in a header; what is
 * remembered is bounded.
 * Spec: backlog-replication 2.17.
 */
import { createHash } from 'node:crypto'
import type { SignInGuard } from './sign-in-guard.ts'

/** Users that are managed in the page, as far as headers go. */
export interface HeaderPeople {
  readonly isEmpty: boolean
  find(name: string): unknown
  verify(name: string, password: string): Promise<boolean>
  hasFactor(name: string): boolean
  seen(name: string): void
}

export interface HeaderLoginsOptions {
  readonly guard: SignInGuard
  readonly people: HeaderPeople | undefined
  /** Whether there is a login of that name in the configuration; empty: the token of the server. */
  readonly isConfigured: (name: string) => boolean
}

interface Login {
  /** Empty: a token. */
  readonly name: string
  readonly password: string
  /** Digest of all of it. */
  readonly key: string
}

const VERIFIED_MS = 60_000
const VERIFIED_MAX = 1_000

export class HeaderLogins {
  readonly #options: HeaderLoginsOptions
  readonly #verified = new Map<string, number>()
  /** Those that are looked at now. */
  readonly #verifying = new Map<string, Promise<boolean>>()
  #changes = 0

  constructor(options: HeaderLoginsOptions) {
    this.#options = options
  }

  /** `isRight`: it is a login of the configuration, letter by letter. */
  async verify(authorization: string, isRight: boolean): Promise<boolean> {
    const { people, guard, isConfigured } = this.#options
    const login = loginOf(authorization)
    const { name, key } = login
    if ((this.#verified.get(key) ?? 0) > Date.now()) {
      this.#remember(key)
      return isRight || people?.find(name) !== undefined
    }
    const same = this.#verifying.get(key)
    if (same !== undefined) return await same
    if (guard.waitMs(name) > 0) return false
    if (isRight) return this.#take(login)
    const isManaged = people?.isEmpty === false && name !== ''
    if (!isManaged) {
      if (isConfigured(name)) guard.wrong(name, { value: key })
      return false
    }
    const verifying = this.#compute(login, people)
    this.#verifying.set(key, verifying)
    try {
      return await verifying
    } finally {
      this.#verifying.delete(key)
    }
  }

  /** What was right may be wrong now. */
  forget(): void {
    this.#changes++
    this.#verified.clear()
  }

  /** To compute the digest of a password takes a while. */
  async #compute(login: Login, people: HeaderPeople): Promise<boolean> {
    const { name, password, key } = login
    const { guard } = this.#options
    const changes = this.#changes
    const look = async () => (await people.verify(name, password)) && !people.hasFactor(name)
    const isRight = await guard.tried(name, look, key)
    if (!isRight) return false
    // What was right before a change is not remembered after it.
    if (changes === this.#changes) this.#remember(key)
    people.seen(name)
    return true
  }

  #take({ name, key }: Login): true {
    this.#options.guard.right(name)
    this.#remember(key)
    return true
  }

  #remember(key: string): void {
    if (this.#verified.size >= VERIFIED_MAX && !this.#verified.has(key)) this.#verified.clear()
    this.#verified.set(key, Date.now() + VERIFIED_MS)
  }
}

function loginOf(authorization: string): Login {
  const [scheme = '', value = ''] = authorization.trim().split(/\s+/)
  const isBasic = scheme.toLowerCase() === 'basic'
  const text = isBasic ? Buffer.from(value, 'base64').toString() : value
  const [name = '', ...rest] = isBasic ? text.split(':') : ['', text]
  const key = createHash('sha256').update(`${isBasic} ${text}`).digest('base64')
  return { name, password: rest.join(':'), key }
}
