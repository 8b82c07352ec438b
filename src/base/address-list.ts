/**
 * Lists of addresses: single ones and networks, written as `10.0.0.5` or `10.0.0.0/8`.
 * Used for who may call, which proxies are trusted, and from where a token is taken.
 * Invariant: an IPv4 address counts the same however IPv6 writes it; what is no address is in no list.
 * Spec: backlog-replication 2.17; RFC 4632, RFC 4291 (2.5.5.2).
 */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

export class AddressList {
  readonly #networks = new BlockList()
  /** As they were written. */
  readonly texts: readonly string[]

  /** Only of texts that `wrongAddress` finds nothing wrong in. */
  constructor(texts: readonly string[]) {
    this.texts = texts
    for (const text of texts) {
      const { address, bits, family } = networkOf(text)!
      this.#networks.addSubnet(address, bits, family)
    }
  }

  get isEmpty(): boolean {
    return this.texts.length === 0
  }

  has(address: string | undefined): boolean {
    const plain = plainAddress(address)
    if (plain === undefined) return false
    return this.#networks.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
  }
}

/** The first text that is neither an address nor a network; undefined: there is none. */
export function wrongAddress(texts: readonly unknown[]): string | undefined {
  const wrong = texts.find(one => typeof one !== 'string' || networkOf(one) === undefined)
  return wrong === undefined ? undefined : String(wrong)
}

/** Without zone, brackets and port; IPv4 in its own form. Undefined: it is none. */
export function plainAddress(text: string | undefined): string | undefined {
  const given = text?.trim() ?? ''
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(given)?.[1]
  const withPort = /^(\d+(?:\.\d+){3}):\d+$/.exec(given)?.[1]
  const address = (bracketed ?? withPort ?? given).replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1]
  const plain = mapped ?? address
  return isIP(plain) === 0 ? undefined : plain
}

/** 127.0.0.0/8 and ::1. */
export function isLoopbackAddress(address: string | undefined): boolean {
  const plain = plainAddress(address)
  return plain !== undefined && LOOPBACK.has(plain)
}

interface Network {
  readonly address: string
  readonly bits: number
  readonly family: 'ipv4' | 'ipv6'
}

function networkOf(text: string): Network | undefined {
  const [address = '', size, ...rest] = text.trim().split('/')
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined
  if (family === undefined || address.includes('%') || rest.length > 0) return undefined
  const most = family === 'ipv4' ? 32 : 128
  if (size === undefined) return { address, bits: most, family }
  const bits = /^\d{1,3}$/.test(size) ? Number(size) : Number.NaN
  return bits <= most ? { address, bits, family } : undefined
}

const LOOPBACK = new AddressList(['127.0.0.0/8', '::1'])
