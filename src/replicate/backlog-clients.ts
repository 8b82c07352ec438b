/**
 * Clients of Backlog that jobs share, and tokens of sign-ins that were renewed. Part of the connection desk.
 * Invariants: jobs of one space and API key share one client and its queue; a sign-in has a client of its
 * own, because two people may sign in with one registered client; who signed in anew is not undone by a
 * client of the sign-in before.
 * Spec: backlog-replication 1.2, 2.2.
 */
import type { Properties } from '../api-v1.ts'
import type { BacklogClient } from '../backlog/index.ts'
import { backlogClient, type ConnectionRecord } from './connection.ts'
import type { Store } from './store.ts'

export type Refused = Pick<ConnectionRecord, 'status' | 'statusText'>

interface SharedClient {
  readonly client: BacklogClient
  /** Everything that the client was made of, but for the token. */
  readonly made: string
  readonly credential: Credential
}

/** Properties of a connection with all secrets in their places. */
type OpenRecord = (record: ConnectionRecord) => Properties

interface ClientParts {
  readonly open: OpenRecord
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
    const { open, onRefused } = this.#parts
    const credential = new Credential(this.#store, { id: record.id, all, open })
    const renewed = (token: string) => {
      credential.renew(token)
      return this.#store.settled()
    }
    const client = backlogClient(all, renewed, {
      onRefused: (status, statusText) => {
        if (credential.isCurrent) onRefused(record.id, { status, statusText })
      },
    })
    this.#shared.set(key, { client, made, credential })
    return client
  }
}

/** What a client signs in with, followed through its renewals. */
export class Credential {
  readonly #store: Store
  readonly #id: string
  readonly #open: OpenRecord
  #value: string

  constructor(
    store: Store,
    of: { readonly id: string; readonly all: Properties; readonly open: OpenRecord },
  ) {
    this.#store = store
    this.#open = of.open
    this.#id = of.id
    this.#value = secretOf(of.all)
  }

  isOf(all: Properties): boolean {
    return secretOf(all) === this.#value
  }

  /** False once the connection was deleted or has another credential. */
  get isCurrent(): boolean {
    const record = this.#store.get<ConnectionRecord>('connection', this.#id)
    return record !== undefined && this.isOf(this.#open(record))
  }

  /** The token that took the place of this one is kept, unless somebody signed in anew. */
  renew(token: string): void {
    if (!this.isCurrent) return
    const id = this.#id
    const record = this.#store.get<ConnectionRecord>('connection', id)!
    const sealed = this.#store.secrets.seal(token, `${id}/oauthRefreshToken`)
    const secrets = { ...record.secrets, oauthRefreshToken: sealed }
    this.#store.put('connection', id, { ...record, secrets })
    this.#value = token
  }
}

function secretOf(all: Properties): string {
  const key = all['authScheme'] === 'OAuth' ? 'oauthRefreshToken' : 'apiKey'
  return String(all[key] ?? '')
}
