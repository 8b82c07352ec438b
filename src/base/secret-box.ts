/**
 * Secrets at rest: AES-256-GCM per value, bound to the record and field by its associated data. The key
 * comes from SCAMANDER_MASTER_KEY (base64, 32 bytes) or a file of mode 0600 beside the state.
 * Used by every room that keeps passwords; errors are those of the room.
 * Invariant: a value sealed for one field opens for that field only.
 * Spec: backlog-replication 2.17.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type ErrorDeclaration, ScamanderError } from './scamander-error.ts'

const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

export class SecretBox {
  readonly #key: Buffer
  readonly #error: ErrorDeclaration

  constructor(key: Buffer, error: ErrorDeclaration) {
    if (key.length !== KEY_BYTES) {
      const message = `master key: expected ${KEY_BYTES} bytes in base64, found ${key.length}`
      throw new ScamanderError(error, message)
    }
    this.#key = key
    this.#error = error
  }

  seal(text: string, of: string): string {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(of))
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')
  }

  open(sealed: string, of: string): string {
    const bytes = Buffer.from(sealed, 'base64')
    const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, IV_BYTES))
      decipher.setAAD(Buffer.from(of)).setAuthTag(tag)
      const body = bytes.subarray(IV_BYTES + TAG_BYTES)
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
    } catch (cause) {
      const message = `the master key does not open the secret of ${of}; start with the key that it was written with`
      throw new ScamanderError(this.#error, message, { cause })
    }
  }
}

/** The key of the environment, else that of the file, which is made when it is missing. */
export function openSecretBox(
  keyFile: string,
  error: ErrorDeclaration,
  env = process.env,
): SecretBox {
  const given = env['SCAMANDER_MASTER_KEY']
  if (given !== undefined && given !== '') return new SecretBox(Buffer.from(given, 'base64'), error)
  if (!existsSync(keyFile)) {
    writeFileSync(keyFile, `${randomBytes(KEY_BYTES).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
    })
  }
  return new SecretBox(Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'base64'), error)
}
