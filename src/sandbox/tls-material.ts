/**
 * Makes the certificates and stores of a sandbox with client TLS: one authority, one server
 * certificate for all nodes, one client certificate, as PEM, PKCS12 and JKS.
 * Called before the first start in a folder; an existing set is used again.
 * PEM and key stores are made here; trust stores and JKS by Java's keytool, because Java trusts a
 * certificate in a PKCS12 only with an attribute that keytool writes. Keys are readable by the owner only.
 */
import { generateKeyPair, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import forge from 'node-forge'
import { ScamanderError } from '../base/scamander-error.ts'
import { sandboxErrors } from './errors.ts'
import { runProgram } from './java.ts'

export interface TlsDescription {
  readonly caPath: string
  readonly certPath: string
  readonly keyPath: string
  /** The client's key and certificate chain. */
  readonly keystorePkcs12Path: string
  readonly keystoreJksPath: string
  /** The authority's certificate. */
  readonly truststorePkcs12Path: string
  readonly truststoreJksPath: string
  /** Opens all four stores and the keys in them. */
  readonly storePassword: string
  /** The server demands the client certificate. */
  readonly clientAuth: boolean
}

interface Issued {
  readonly certificate: forge.pki.Certificate
  readonly keyPem: string
}

const VALID_YEARS = 10

export function serverKeystorePath(folder: string): string {
  return join(folder, 'server-keystore.p12')
}

/** Makes the set in `folder`, or reads the one that is there. */
export async function ensureTlsMaterial(
  folder: string,
  options: { keytool: string; clientAuth: boolean },
): Promise<TlsDescription> {
  const done = join(folder, 'password')
  if (!existsSync(done)) await makeMaterial(folder, options.keytool)
  const at = (name: string) => join(folder, name)
  return {
    caPath: at('ca.pem'),
    certPath: at('client.pem'),
    keyPath: at('client.key.pem'),
    keystorePkcs12Path: at('client-keystore.p12'),
    keystoreJksPath: at('client-keystore.jks'),
    truststorePkcs12Path: at('truststore.p12'),
    truststoreJksPath: at('truststore.jks'),
    storePassword: (await readFile(done, 'utf8')).trim(),
    clientAuth: options.clientAuth,
  }
}

async function makeMaterial(folder: string, keytool: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const password = randomBytes(12).toString('hex')
  const ca = await issue('scamander sandbox authority')
  const [server, client] = await Promise.all([
    issue('scamander sandbox server', ca),
    issue('scamander sandbox client', ca),
  ])
  const at = (name: string) => join(folder, name)
  const write = (name: string, data: string | Buffer) => writeFile(at(name), data, { mode: 0o600 })
  await Promise.all([
    write('ca.pem', forge.pki.certificateToPem(ca.certificate)),
    write('client.pem', forge.pki.certificateToPem(client.certificate)),
    write('client.key.pem', client.keyPem),
    write('server-keystore.p12', toPkcs12(server, ca, password)),
    write('client-keystore.p12', toPkcs12(client, ca, password)),
  ])
  const trust = (name: string, type: string) => [
    ...['-importcert', '-noprompt', '-alias', 'ca', '-file', at('ca.pem')],
    ...['-keystore', at(name), '-storetype', type, '-storepass', password],
  ]
  await Promise.all([
    runKeytool(keytool, trust('truststore.p12', 'PKCS12')),
    runKeytool(keytool, trust('truststore.jks', 'JKS')),
    runKeytool(keytool, [
      ...['-importkeystore', '-noprompt'],
      ...['-srckeystore', at('client-keystore.p12'), '-srcstoretype', 'PKCS12'],
      ...['-srcstorepass', password, '-destkeystore', at('client-keystore.jks')],
      ...['-deststoretype', 'JKS', '-deststorepass', password],
    ]),
  ])
  await write('password', `${password}\n`)
}

async function runKeytool(keytool: string, args: readonly string[]): Promise<void> {
  const result = await runProgram(keytool, ['-J-XX:TieredStopAtLevel=1', ...args])
  if (result.ok) return
  throw new ScamanderError(
    sandboxErrors.TOOL,
    `${keytool} ${args[0]} could not make a store:\n${result.output}`,
  )
}

/** A certificate signed by the authority; without one, the authority itself. */
async function issue(commonName: string, ca?: Issued): Promise<Issued> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey)
  certificate.serialNumber = `01${randomBytes(8).toString('hex')}`
  certificate.validity.notBefore = new Date(Date.now() - 24 * 3_600_000)
  certificate.validity.notAfter = new Date()
  certificate.validity.notAfter.setFullYear(new Date().getFullYear() + VALID_YEARS)
  const subject = [{ name: 'commonName', value: commonName }]
  certificate.setSubject(subject)
  certificate.setIssuer(ca === undefined ? subject : ca.certificate.subject.attributes)
  certificate.setExtensions(ca === undefined ? authorityExtensions() : leafExtensions())
  const signer = forge.pki.privateKeyFromPem(ca?.keyPem ?? privateKey)
  certificate.sign(signer, forge.md.sha256.create())
  return { certificate, keyPem: privateKey }
}

function authorityExtensions(): object[] {
  return [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]
}

function leafExtensions(): object[] {
  const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map(ip => ({ type: 7, ip }))
  return [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }, ...addresses] },
  ]
}

function toPkcs12(issued: Issued, ca: Issued, password: string): Buffer {
  const asn1 = forge.pkcs12.toPkcs12Asn1(
    forge.pki.privateKeyFromPem(issued.keyPem),
    [issued.certificate, ca.certificate],
    password,
    { algorithm: 'aes256', friendlyName: 'sandbox' },
  )
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary')
}
