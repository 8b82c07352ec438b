/**
 * An app for second factors: codes from a secret as the page shows it, written apart from the product.
 * Used by tests of signing in.
 * Spec: RFC 6238, RFC 4648 (base 32).
 */
import { createHmac } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** `later`: steps of 30 s from now. */
export function codeOf(secret: string, later = 0): string {
  const bits = [...secret].map(one => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map(one => Number.parseInt(one, 2)))
  const counter = Buffer.alloc(8)
  counter.writeUInt32BE(Math.floor(Date.now() / 30_000) + later, 4)
  const digest = createHmac('sha1', key).update(counter).digest()
  const at = digest[19]! & 15
  const number = digest.readUInt32BE(at) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}
