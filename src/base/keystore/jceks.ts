/**
 * Secret keys out of Sun's JCEKS key store, where Cassandra keeps those of encrypted files by default,
 * read without a JVM. Called where keys of commit logs are configured.
 * Layout as JKS (jks.ts) with the magic CECECECE; entries of kind 3 are a Java object that seals the key
 * with PBEWithMD5AndTripleDES: salt and rounds in `encodedParams`, the key, a Java object again, in
 * `encryptedContent`.
 * Invariants: the password is checked before anything is opened; messages hold no key material.
 */
import { createDecipheriv, createHash } from 'node:crypto'
import { messageOf, ScamanderError } from '../scamander-error.ts'
import { KEYSTORE_ERRORS } from './errors.ts'
import { type JavaFields, readJavaObject } from './java-object.ts'
import { checkIntegrity, damagedStore, SunStoreReader } from './sun-store.ts'

const MAGIC = 0xcececece
const ROUNDS_MAX = 5_000_000
const SEALED_BY = 'PBEWithMD5AndTripleDES'

/** By alias; entries of other kinds are passed over. */
export function readSecretKeys(bytes: Buffer, password: string): Map<string, Buffer> {
  if (bytes.length < 32 || bytes.readUInt32BE(0) !== MAGIC) {
    throw damaged('expected a JCEKS key store, found another file')
  }
  checkIntegrity(bytes, password, 'JCEKS')
  try {
    return readEntries(bytes, password)
  } catch (cause) {
    if (cause instanceof ScamanderError) throw cause
    throw damaged(`expected a complete JCEKS key store: ${messageOf(cause)}`)
  }
}

function readEntries(bytes: Buffer, password: string): Map<string, Buffer> {
  const keys = new Map<string, Buffer>()
  const reader = new SunStoreReader(bytes, 'JCEKS')
  const { version, count } = reader.readHead()
  for (let entry = 0; entry < count; entry++) {
    const kind = reader.readUint32()
    const alias = reader.readText()
    reader.skip(8) // creation date
    if (kind === 3) {
      const { value, next } = readJavaObject(bytes, reader.at)
      reader.goTo(next)
      keys.set(alias, open(alias, value, password))
    } else if (kind === 2) reader.readCertificate(version)
    else if (kind === 1) {
      reader.readBlock()
      const chain = reader.readCount('certificates in a chain')
      for (let i = 0; i < chain; i++) reader.readCertificate(version)
    } else throw damagedStore('JCEKS', `an entry of the kind ${kind}`)
  }
  return keys
}

function open(alias: string, sealed: JavaFields, password: string): Buffer {
  const params = sealed.get('encodedParams')
  const content = sealed.get('encryptedContent')
  const algorithm = sealed.get('sealAlg')
  if (algorithm !== SEALED_BY || !Buffer.isBuffer(params) || !Buffer.isBuffer(content)) {
    const message = `the key ${alias} of the JCEKS key store: expected ${SEALED_BY}, found ${String(algorithm)}`
    throw new ScamanderError(KEYSTORE_ERRORS.KEYSTORE_ENTRY, message)
  }
  const { salt, rounds } = parseParams(params)
  const secret = derive(salt, rounds, password)
  let plain: Buffer
  try {
    const cipher = createDecipheriv('des-ede3-cbc', secret.subarray(0, 24), secret.subarray(24))
    plain = Buffer.concat([cipher.update(content), cipher.final()])
  } catch (cause) {
    const message = `the key ${alias} of the JCEKS key store does not open with the password given`
    throw new ScamanderError(KEYSTORE_ERRORS.KEYSTORE_PASSWORD, message, { cause })
  }
  const key = readJavaObject(plain, 0).value.get('key')
  if (Buffer.isBuffer(key)) return Buffer.from(key)
  const message = `the entry ${alias} of the JCEKS key store holds no bytes of a secret key`
  throw new ScamanderError(KEYSTORE_ERRORS.KEYSTORE_ENTRY, message)
}

/** SEQUENCE { OCTET STRING of 8 bytes, INTEGER }. */
function parseParams(der: Buffer): { salt: Buffer; rounds: number } {
  const roundsBytes = der[13] ?? 0
  const isKnown = der[0] === 0x30 && der[2] === 0x04 && der[3] === 8 && der[12] === 0x02
  if (!isKnown || roundsBytes < 1 || roundsBytes > 4) throw damaged('parameters of another kind')
  const rounds = der.readUIntBE(14, roundsBytes)
  if (rounds > ROUNDS_MAX) throw damaged(`a key that is sealed with ${rounds} rounds`)
  return { salt: Buffer.from(der.subarray(4, 12)), rounds }
}

/** Each half of the salt gives 16 bytes: 24 of the key, then 8 of the initial vector. */
function derive(salt: Buffer, rounds: number, password: string): Buffer {
  const secret = Buffer.from(password, 'latin1')
  if (salt.subarray(0, 4).equals(salt.subarray(4))) {
    // As Java does it, which means to turn the half around.
    const [a, b, , d] = salt
    salt.set([d!, a!, b!, d!])
  }
  const halves = [salt.subarray(0, 4), salt.subarray(4)].map(half => {
    let hash: Buffer = half
    for (let i = 0; i < rounds; i++) hash = createHash('md5').update(hash).update(secret).digest()
    return hash
  })
  return Buffer.concat(halves)
}

function damaged(message: string): ScamanderError {
  return new ScamanderError(KEYSTORE_ERRORS.KEYSTORE_FORMAT, message)
}
