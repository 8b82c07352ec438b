/**
 * What Sun's key stores JKS and JCEKS have in common: a head, entries of big-endian lengths, and a digest
 * at the end. Called by jks.ts and jceks.ts, which know their entries.
 * Integrity: SHA-1 of the password in UTF-16BE, "Mighty Aphrodite", and everything before.
 * Invariant: never reads beyond the bytes; whatever does not fit is `KEYSTORE_FORMAT`.
 */
import { createHash } from 'node:crypto'
import { ScamanderError } from '../scamander-error.ts'
import { KEYSTORE_ERRORS } from './errors.ts'

export const DIGEST_BYTES = 20
const ENTRIES_MAX = 10_000
/** Magic, version, count. */
const HEAD_BYTES = 12
const WHITENER = Buffer.from('Mighty Aphrodite')

export type SunFormat = 'JKS' | 'JCEKS'

/** Throws `KEYSTORE_PASSWORD`: a wrong password and a changed byte look alike. */
export function checkIntegrity(bytes: Buffer, password: string, format: SunFormat): void {
  const end = bytes.length - DIGEST_BYTES
  if (end < HEAD_BYTES) throw damagedStore(format, `only ${bytes.length} bytes`)
  const hash = createHash('sha1').update(utf16(password)).update(WHITENER)
  const digest = hash.update(bytes.subarray(0, end)).digest()
  if (digest.equals(bytes.subarray(end))) return
  throw new ScamanderError(
    KEYSTORE_ERRORS.KEYSTORE_PASSWORD,
    `the ${format} key store does not open with the password given (or the file is damaged)`,
  )
}

export class SunStoreReader {
  #at = 0
  readonly #bytes: Buffer
  readonly #format: SunFormat

  constructor(bytes: Buffer, format: SunFormat) {
    this.#bytes = bytes
    this.#format = format
  }

  get at(): number {
    return this.#at
  }

  skip(count: number): number {
    const at = this.#at
    if (at + count > this.#bytes.length) throw damagedStore(this.#format, 'an early end')
    this.#at = at + count
    return at
  }

  /** Of what another reader read. */
  goTo(at: number): void {
    this.#at = at
  }

  /** Nothing but the digest follows the entries. */
  expectEnd(): void {
    const rest = this.#bytes.length - this.#at
    if (rest === DIGEST_BYTES) return
    throw damagedStore(this.#format, `${rest} bytes after the entries, expected ${DIGEST_BYTES}`)
  }

  readUint16(): number {
    return this.#bytes.readUInt16BE(this.skip(2))
  }

  readUint32(): number {
    return this.#bytes.readUInt32BE(this.skip(4))
  }

  /** Version and count of the entries, behind the magic. */
  readHead(): { readonly version: number; readonly count: number } {
    this.#at = 4
    const version = this.readUint32()
    if (version !== 1 && version !== 2)
      throw damagedStore(this.#format, `version ${version}, expected 1 or 2`)
    return { version, count: this.readCount('entries') }
  }

  readCount(ofWhat: string): number {
    const count = this.readUint32()
    if (count > ENTRIES_MAX) throw damagedStore(this.#format, `${count} ${ofWhat}`)
    return count
  }

  readText(): string {
    const length = this.readUint16()
    const start = this.skip(length)
    return this.#bytes.toString('utf8', start, start + length)
  }

  readBlock(): Buffer {
    const length = this.readUint32()
    const start = this.skip(length)
    return this.#bytes.subarray(start, start + length)
  }

  readCertificate(version: number): Buffer {
    if (version === 2) this.skip(this.readUint16()) // certificate type: X.509
    return this.readBlock()
  }
}

export function damagedStore(format: SunFormat, found: string): ScamanderError {
  return new ScamanderError(
    KEYSTORE_ERRORS.KEYSTORE_FORMAT,
    `expected a complete ${format} key store, found ${found}`,
  )
}

export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}
