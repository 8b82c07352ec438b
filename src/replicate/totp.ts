/**
 * Codes of six digits that an app computes from a shared secret and the time.
 * Used by `FactorDesk`. Invariant: a code counts for its step of 30 s and one before and after, because
 * clocks differ, and only once: steps up to the last one that was taken are over.
 * Spec: RFC 6238 (SHA-1, 30 s), RFC 4226 (5.3), RFC 4648 (base 32).
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

const STEP_MS = 30_000
const DIGITS = 6
const DRIFT_STEPS = 1
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The code of a step. */
export function totpCode(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', secret).update(counter).digest()
  const at = digest.readUInt8(digest.length - 1) & 0x0f
  const number = digest.readUInt32BE(at) & 0x7fffffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

/** The step after `last` whose code was given; undefined: none. */
export function findTotpStep(
  secret: Buffer,
  code: string,
  of: { readonly last: number; readonly nowMs: number },
): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined
  const now = Math.floor(of.nowMs / STEP_MS)
  for (let step = now - DRIFT_STEPS; step <= now + DRIFT_STEPS; step++) {
    const isRight = timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code))
    if (isRight && step > of.last) return step
  }
  return undefined
}

/** What apps read from a picture or a link. */
export function totpUri(secret: Buffer, name: string): string {
  const label = `Scamander:${encodeURIComponent(name)}`
  return `otpauth://totp/${label}?secret=${toBase32(secret)}&issuer=Scamander`
}

/** Without padding, as apps take it. */
export function toBase32(bytes: Buffer): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(value >>> bits) & 31]
    }
    value &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + ALPHABET[(value << (5 - bits)) & 31]
}
