/**
 * Keys of encrypted segments: given one by one, or in the key store that Cassandra itself reads.
 * Used for the worker's settings and by `cdc dump`.
 * Invariant: messages name aliases and files, never a key.
 * Spec: cdc-replication 2.5; commit-log 3.4.
 */
import { readFileSync } from 'node:fs'
import { readSecretKeys } from '../../base/keystore/jceks.ts'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { CDC_ERRORS } from './errors.ts'

export type EncryptionKey = readonly [alias: string, key: Uint8Array]

export interface EncryptionKeySource {
  /** Each `alias=hex`. */
  readonly keys: readonly string[]
  /** A JCEKS file. */
  readonly keystore: string | undefined
  readonly password: string | undefined
}

/** Keys that are given themselves win over those of the store. */
export function readEncryptionKeys(source: EncryptionKeySource): EncryptionKey[] {
  const { keystore, password } = source
  const stored = keystore === undefined ? [] : readStore(keystore, password)
  return [...stored, ...source.keys.map(parseKey)]
}

function parseKey(text: string): EncryptionKey {
  const found = /^([^=]+)=((?:[0-9a-fA-F]{2})+)$/.exec(text)
  if (found !== null) return [found[1]!, Buffer.from(found[2]!, 'hex')]
  throw new ScamanderError(CDC_ERRORS.SETTING, 'a key of encrypted segments: expected alias=hex')
}

function readStore(file: string, password: string | undefined): EncryptionKey[] {
  if (password === undefined) {
    const message = `the key store ${file} of encrypted segments: expected a password, found none`
    throw new ScamanderError(CDC_ERRORS.SETTING, message)
  }
  try {
    return [...readSecretKeys(readFileSync(file), password)]
  } catch (cause) {
    const message = `the key store ${file} of encrypted segments: ${messageOf(cause)}`
    throw new ScamanderError(CDC_ERRORS.SETTING, message, { cause })
  }
}
