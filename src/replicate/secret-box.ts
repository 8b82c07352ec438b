/**
 * The secrets of connections: the box of `base` with this room's error.
 * Opened by the store. Invariant: a wrong key is told at start (the store keeps a sealed canary).
 * Spec: backlog-replication 2.17.
 */
import { openSecretBox as openBox, type SecretBox } from '../base/secret-box.ts'
import { REPLICATE_ERRORS } from './errors.ts'

export type { SecretBox } from '../base/secret-box.ts'

/** The key of the environment, else that of the file, which is made when it is missing. */
export function openSecretBox(keyFile: string): SecretBox {
  return openBox(keyFile, REPLICATE_ERRORS.STATE)
}
