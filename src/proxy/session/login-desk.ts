/**
 * Answers a cluster's demand for a login on links where the client cannot: with the target's own
 * credentials, or with the token that the client gave earlier on this session.
 * Used by session links, reconnects and helper links.
 * Invariant: tokens are never logged; PLAIN only, other mechanisms cannot be passed on later.
 * Spec: live-migration 2.8.
 */
import type { ClusterLink } from '../link/cluster-link.ts'

export interface Login {
  readonly username: string
  readonly password: string
}

const DSE = 'DseAuthenticator'
const PLAIN = Buffer.from('PLAIN')

export class LoginDesk {
  /** The client's `[authzid] NUL user NUL password`, once it came. */
  #token: Buffer | undefined
  /** Set by settings: the client's token is not used. */
  readonly #isOwn: boolean

  constructor(login: Login | undefined) {
    this.#isOwn = login !== undefined
    this.#token = login === undefined ? undefined : plainToken(login)
  }

  get hasToken(): boolean {
    return this.#token !== undefined
  }

  get isOwn(): boolean {
    return this.#isOwn
  }

  /** A token of the client: kept when it holds user and password. */
  offer(token: Buffer | null): void {
    if (this.#isOwn || token === null || !isPlainToken(token)) return
    this.#token = Buffer.from(token)
  }

  /** Answers AUTHENTICATE; false when there is no token yet. */
  authenticate(link: ClusterLink, authenticator: string): boolean {
    if (this.#token === undefined) return false
    link.sendToken(authenticator.endsWith(DSE) ? PLAIN : this.#token)
    return true
  }

  /** Answers AUTH_CHALLENGE. */
  challenge(link: ClusterLink): void {
    link.sendToken(this.#token ?? null)
  }
}

/** A login that another cluster understands as well: PLAIN, or the word with which DSE begins it. */
export function isPassable(token: Buffer | null): boolean {
  return token !== null && (token.equals(PLAIN) || isPlainToken(token))
}

/** `[authzid] NUL user NUL password` */
function isPlainToken(token: Buffer): boolean {
  const user = token.indexOf(0)
  const password = token.indexOf(0, user + 1)
  return user >= 0 && password > user + 1 && !token.includes(0, password + 1)
}

function plainToken({ username, password }: Login): Buffer {
  return Buffer.from(`\u0000${username}\u0000${password}`)
}
