/**
 * Clients of Backlog that jobs share, and tokens of sign-ins that were renewed. Part of the connection desk.
 * Invariants: jobs of one space and API key share one client and its queue; a sign-in has a client of its
 * own, because two people may sign in with one registered client; one renewal of a sign-in at a time, with
 * the token that was kept last; who signed in anew is not undone by a client of the sign-in before.
 * Spec: backlog-replication 1.2, 2.2.
 */
import { createHash } from 'node:crypto'
import type { Properties } from '../api-v1.ts'
import type { BacklogClient, RenewExclusively } from '../backlog/index.ts'
import { backlogClient, type ConnectionRecord } from './connection.ts'
import type { SignInRenewals } from './sign-in-renewals.ts'
import type { Store } from './store.ts'

/** Kind of document, by connection. */
export const SIGN_IN = 'sign-in'

export type Refused = Pick<ConnectionRecord, 'status' | 'statusText'>

interface SharedClient {
  readonly client: BacklogClient
  /** Everything that the client was made of, but for the token. */
  readonly made: string
  readonly credential: Credential
}

/** Properties of a connection with all secrets in their places. */
type OpenRecord = (record: ConnectionRecord) => Properties

interface CredentialParts {
  readonly open: OpenRecord
  readonly renewals: SignInRenewals
}

interface ClientParts extends CredentialParts {
  readonly onRefused: (id: string, told: Refused) => void
}

export class BacklogClients {
  readonly #store: Store
  readonly #parts: ClientParts
  readonly #shared = new Map<string, SharedClient>()

  constructor(store: Store, parts: ClientParts) {
    this.#store = store
    this.#parts = parts
  }

  /** `all`: the properties of the record, opened. */
  of(record: ConnectionRecord, all: Properties): BacklogClient {
    const { oauthRefreshToken: _token, ...stable } = all
    const made = JSON.stringify(stable)
    const key = all['authScheme'] === 'OAuth' ? record.id : made
    const known = this.#shared.get(key)
    // Whoever was refused stays so: after a new sign-in it takes a new client.
    if (known?.made === made && known.credential.isOf(all) && !known.client.isRefused)
      return known.client
    const { onRefused } = this.#parts
    const credential = new Credential(this.#store, { id: record.id, all, ...this.#parts })
    const renewed = (token: string) => {
      credential.renew(token)
      return this.#store.settled()
    }
    const client = backlogClient(all, renewed, {
      exclusively: credential.exclusively,
      onRefused: (status, statusText) => {
        if (credential.isCurrent) onRefused(record.id, { status, statusText })
      },
    })
    this.#shared.set(key, { client, made, credential })
    return client
  }
}

/** The sign-in of a connection through its renewals, as digests of tokens: of the first, and of the last. */
interface SignIn {
  readonly first: string
  readonly last: string
}

/** What a client signs in with, followed through its renewals by whichever process. */
export class Credential {
  readonly #store: Store
  readonly #id: string
  readonly #parts: CredentialParts
  readonly #first: string

  constructor(
    store: Store,
    of: { readonly id: string; readonly all: Properties } & CredentialParts,
  ) {
    this.#store = store
    this.#id = of.id
    this.#parts = of
    this.#first = this.#firstOf(secretOf(of.all))
  }

  isOf(all: Properties): boolean {
    return this.#firstOf(secretOf(all)) === this.#first
  }

  /** False once the connection was deleted or has another credential. */
  get isCurrent(): boolean {
    return this.#kept() !== undefined
  }

  /** Renews with the token that is kept, or with its own when somebody signed in anew. */
  readonly exclusively: RenewExclusively = (own, work, signal) =>
    this.#parts.renewals.one(this.#id, signal, () => work(this.#kept() ?? own))

  /** The token that took the place of this one is kept, unless somebody signed in anew. */
  renew(token: string): void {
    const id = this.#id
    this.#store.transaction(() => {
      if (!this.isCurrent) return
      const record = this.#store.get<ConnectionRecord>('connection', id)!
      const sealed = this.#store.secrets.seal(token, `${id}/oauthRefreshToken`)
      const secrets = { ...record.secrets, oauthRefreshToken: sealed }
      this.#store.put('connection', id, { ...record, secrets })
      this.#store.put(SIGN_IN, id, { first: this.#first, last: digestOf(token) })
    })
  }

  #kept(): string | undefined {
    const record = this.#store.get<ConnectionRecord>('connection', this.#id)
    if (record === undefined) return undefined
    const all = this.#parts.open(record)
    return this.isOf(all) ? secretOf(all) : undefined
  }

  #firstOf(secret: string): string {
    const digest = digestOf(secret)
    const known = this.#store.get<SignIn>(SIGN_IN, this.#id)
    return known?.last === digest ? known.first : digest
  }
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

function secretOf(all: Properties): string {
  const key = all['authScheme'] === 'OAuth' ? 'oauthRefreshToken' : 'apiKey'
  return String(all[key] ?? '')
}
