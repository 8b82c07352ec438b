/**
 * Signatures of calls between workers: an HMAC of the body with the key that the leader puts into
 * the log of configurations and renews.
 * Used by the worker for both sides of such a call.
 * Invariants: comparisons take the same time for every input; without a key nothing is accepted.
 * Spec: connect-rest 2.6, 8 (inter.worker.*).
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { ScamanderError } from '../../base/scamander-error.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import type { InternalCall } from '../herder.ts'
import type { SessionKey } from './config-records.ts'
import { CLUSTER_ERRORS } from './errors.ts'

export const SIGNATURE_HEADER = 'X-Connect-Authorization'
export const ALGORITHM_HEADER = 'X-Connect-Request-Signature-Algorithm'

/** Java names of the algorithms. */
const ALGORITHMS: ReadonlyMap<string, { readonly digest: string; readonly bits: number }> = new Map(
  [
    ['hmacsha256', { digest: 'sha256', bits: 256 }],
    ['hmacsha384', { digest: 'sha384', bits: 384 }],
    ['hmacsha512', { digest: 'sha512', bits: 512 }],
    ['hmacsha1', { digest: 'sha1', bits: 160 }],
  ],
)

export function isKnownAlgorithm(name: string): boolean {
  return ALGORITHMS.has(name.toLowerCase())
}

/** A fresh key; `bits` is the algorithm's own when it is not given. */
export function newSessionKey(algorithm: string, bits: number | undefined): SessionKey {
  const { bits: own } = algorithmOf(algorithm)
  const key = randomBytes(Math.ceil((bits ?? own) / 8))
  return { key, algorithm, createdAtMs: Date.now() }
}

export function sign(key: SessionKey, algorithm: string, body: string): Record<string, string> {
  return {
    [SIGNATURE_HEADER]: hmac(key, algorithm, body).toString('base64'),
    [ALGORITHM_HEADER]: algorithm,
  }
}

/** Throws unless the call is signed with the key. */
export function verify(
  key: SessionKey | undefined,
  call: InternalCall,
  allowed: readonly string[],
): void {
  const { signature, algorithm, body } = call
  if (signature === undefined || algorithm === undefined) {
    const message = 'Internal request missing required signature'
    throw new ScamanderError(CLUSTER_ERRORS.UNSIGNED, message)
  }
  const isAllowed = allowed.some(one => one.toLowerCase() === algorithm.toLowerCase())
  if (!isAllowed || !isKnownAlgorithm(algorithm)) {
    const message = `This worker does not support the '${algorithm}' key signing algorithm used by other workers. This worker is currently configured to use: ${allowed.join(', ')}.`
    throw new ScamanderError(CLUSTER_ERRORS.UNSIGNED, message)
  }
  if (key === undefined) {
    const message =
      'This worker is still starting up and has not been able to read a session key yet'
    throw new ScamanderError(CLUSTER_ERRORS.NO_SESSION_KEY, message)
  }
  const expected = hmac(key, algorithm, body)
  const given = Buffer.from(signature, 'base64')
  if (given.length === expected.length && timingSafeEqual(given, expected)) return
  const message = 'Internal request contained invalid signature.'
  throw new ScamanderError(CONNECT_ERRORS.INTERNAL_REFUSED, message)
}

function hmac({ key }: SessionKey, algorithm: string, body: string): Buffer {
  return createHmac(algorithmOf(algorithm).digest, key).update(body).digest()
}

function algorithmOf(name: string) {
  const known = ALGORITHMS.get(name.toLowerCase())
  if (known !== undefined) return known
  const message = `expected one of ${[...ALGORITHMS.keys()].join(', ')}, found ${name}`
  throw new ScamanderError(CONNECT_ERRORS.WORKER_CONFIG, message)
}
