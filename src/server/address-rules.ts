/**
 * From where the server may be called: networks of the configuration, or those that an administrator set
 * in the page; and which proxies are believed when they tell for whom they call.
 * Asked by the HTTP server before anything else.
 * Invariants: this machine is never locked out; only a trusted proxy is believed, and of what it tells the
 * last address that is no trusted proxy itself; a proxy's own machine is not this one; a call of which nobody
 * knows where it comes from is refused as soon as there is a list.
 * Spec: backlog-replication 2.17 (IP lists).
 */
import { AddressList, isLoopbackAddress, plainAddress, wrongAddress } from '../base/address-list.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { SERVER_ERRORS } from './errors.ts'

/** Within the server: the address of a caller, in the headers of its call. */
export const CLIENT_HEADER = 'x-scamander-client'

export interface AddressSettings {
  readonly allowed: readonly string[]
  readonly trustedProxies: readonly string[]
}

/** Settings, for messages. */
export interface AddressKeys {
  readonly allowed: string
  readonly trustedProxies: string
}

export interface Hop {
  /** Of the socket. */
  readonly remote: string | undefined
  readonly forwardedFor: string | undefined
}

export const ANYWHERE: AddressSettings = { allowed: [], trustedProxies: [] }

export class AddressRules {
  readonly #configured: AddressList
  readonly #trusted: AddressList
  #managed = new AddressList([])

  constructor({ allowed, trustedProxies }: AddressSettings, keys?: AddressKeys) {
    check(allowed, keys?.allowed)
    check(trustedProxies, keys?.trustedProxies)
    this.#configured = new AddressList(allowed)
    this.#trusted = new AddressList(trustedProxies)
  }

  /** The list stands in the configuration and is changed there. */
  get isConfigured(): boolean {
    return !this.#configured.isEmpty
  }

  /** Empty: from anywhere. */
  get allowed(): readonly string[] {
    return this.#list.texts
  }

  get trustedProxies(): readonly string[] {
    return this.#trusted.texts
  }

  /** Counts where the configuration has no list. */
  manage(texts: readonly string[]): void {
    this.#managed = new AddressList(texts)
  }

  /** Undefined: nobody knows. */
  clientOf({ remote, forwardedFor }: Hop): string | undefined {
    const socket = plainAddress(remote)
    if (forwardedFor === undefined) return socket
    if (!this.#trusted.has(socket)) return isLoopbackAddress(socket) ? undefined : socket
    const hops = forwardedFor.split(',').map(one => one.trim())
    const last = hops.findLast(hop => !this.#trusted.has(hop))
    const client = plainAddress(last ?? hops[0])
    // What a proxy calls its own machine is the machine of the proxy.
    return isLoopbackAddress(client) ? socket : client
  }

  isTrusted(remote: string | undefined): boolean {
    return this.#trusted.has(remote)
  }

  isAllowed(client: string | undefined, list: AddressList = this.#list): boolean {
    return list.isEmpty || isLoopbackAddress(client) || list.has(client)
  }

  get #list(): AddressList {
    return this.isConfigured ? this.#configured : this.#managed
  }
}

function check(texts: readonly string[], key = 'addresses'): void {
  const wrong = wrongAddress(texts)
  if (wrong === undefined) return
  const message = `${key}: expected addresses and networks like 10.0.0.0/8, found ${wrong}`
  throw new ScamanderError(SERVER_ERRORS.ADDRESSES, message)
}
