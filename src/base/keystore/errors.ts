/**
 * What can be wrong with a key store. All are mistakes of the configuration: the caller adds the
 * configuration key that named the store.
 * Invariant: messages hold no password and no key material.
 */
import { declareErrors } from '../scamander-error.ts'

export const KEYSTORE_ERRORS = declareErrors('base', {
  KEYSTORE_FORMAT: {
    kind: 'config',
    summary: 'A file given as key store is none, is damaged, or has a format that is not read.',
    advice: 'Give a JKS, PKCS12 or PEM file; convert others with keytool or openssl.',
  },
  KEYSTORE_PASSWORD: {
    kind: 'config',
    summary: 'The password of a key store or of the private key in it is missing or wrong.',
    advice: 'Check the password; a key may have a password of its own.',
  },
  KEYSTORE_ENTRY: {
    kind: 'config',
    summary: 'A key store holds an entry that cannot be used for TLS.',
    advice: 'Export the certificates and the private key into a new JKS or PKCS12 store.',
  },
})
