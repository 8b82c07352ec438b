/**
 * Cipher-suite names of Java (IANA) translated to those of OpenSSL, checked against this Node.
 * Called by `loadTls`. OpenSSL names and TLS 1.3 names pass unchanged.
 * Invariant: a name that is returned can be used; one that cannot is undefined, never dropped.
 */
import { getCiphers } from 'node:tls'

const JAVA = /^(?:TLS|SSL)_(.+)_WITH_(.+)$/

/** The OpenSSL name, or undefined when this Node does not offer the suite. */
export function toOpensslCipher(name: string): string | undefined {
  const trimmed = name.trim()
  const match = JAVA.exec(trimmed)
  const translated = match === null ? trimmed : translate(match[1]!, match[2]!)
  return getCiphers().includes(translated.toLowerCase()) ? translated : undefined
}

function translate(exchange: string, cipher: string): string {
  const prefix = exchange === 'RSA' ? '' : `${exchange.replaceAll('_', '-')}-`
  const body = cipher
    .replace(/^3DES_EDE_CBC_/, 'DES-CBC3-')
    .replace(/_CBC_/, '_')
    .replace(/_CCM_8$/, '_CCM8')
    .replace(/^CHACHA20_POLY1305_SHA256$/, 'CHACHA20_POLY1305')
    .replace(/^(AES|CAMELLIA|ARIA)_(\d+)/, '$1$2')
    .replaceAll('_', '-')
  return prefix + body
}
