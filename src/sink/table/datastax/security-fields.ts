/**
 * Declares the authentication and TLS keys of the DataStax dialect.
 * Part of `datastaxSinkConfig`; the rules between them are in `checks.ts`.
 * Spec: cassandra-sink 3.2, 3.7.
 */
import {
  booleanField,
  enumField,
  indexedListField,
  passwordField,
  Secret,
  stringField,
} from '../../../config/index.ts'
import { DRIVER } from './connection-fields.ts'
import { fileField, fileText } from './file-text.ts'

const AUTH = { group: 'Authentication' }
const TLS = { group: 'TLS' }
const ENGINE = `${DRIVER}advanced.ssl-engine-factory.`
const EMPTY = new Secret('')
const FILE_WORDS = 'A path or base64:<data>.'

export const securityFields = {
  authProvider: enumField('auth.provider', ['None', 'PLAIN', 'GSSAPI'], {
    ...AUTH,
    doc: 'How to log in. With auth.username or auth.password given, None becomes PLAIN.',
    importance: 'high',
    dependents: ['auth.username', 'auth.password', 'auth.gssapi.service'],
    default: 'None',
  }),
  username: stringField('auth.username', {
    ...AUTH,
    doc: 'User name, or the client id of a cloud database.',
    importance: 'high',
    aliases: [`${DRIVER}advanced.auth-provider.username`],
    default: '',
  }),
  password: passwordField('auth.password', {
    ...AUTH,
    doc: 'Password, or the client secret of a cloud database.',
    importance: 'high',
    aliases: [`${DRIVER}advanced.auth-provider.password`],
    default: EMPTY,
  }),
  keyTab: fileField('auth.gssapi.keyTab', {
    ...AUTH,
    doc: `Kerberos key table. ${FILE_WORDS} Empty: the ticket cache.`,
    validator: fileText(),
    default: EMPTY,
  }),
  principal: stringField('auth.gssapi.principal', {
    ...AUTH,
    doc: 'Kerberos principal; empty: the first one of the key table.',
    default: '',
  }),
  gssapiService: stringField('auth.gssapi.service', {
    ...AUTH,
    doc: 'Kerberos service name of the cluster.',
    default: 'dse',
  }),
  sslProvider: enumField('ssl.provider', ['None', 'JDK', 'OpenSSL'], {
    ...TLS,
    doc: 'None: no TLS. JDK: key stores. OpenSSL: PEM client key with a trust store.',
    importance: 'high',
    default: 'None',
  }),
  hostnameValidation: booleanField('ssl.hostnameValidation', {
    ...TLS,
    doc: 'Check that a certificate names the node it came from.',
    aliases: [`${ENGINE}hostname-validation`],
    default: true,
  }),
  cipherSuites: indexedListField('ssl.cipherSuites', {
    ...TLS,
    doc: 'Allowed cipher suites; empty: the defaults.',
    importance: 'low',
    aliases: [`${ENGINE}cipher-suites`],
    default: [],
  }),
  keystore: fileField('ssl.keystore.path', {
    ...TLS,
    doc: `Client key and certificate, JKS or PKCS12, for provider JDK. ${FILE_WORDS}`,
    validator: fileText(),
    aliases: [`${ENGINE}keystore-path`],
    default: EMPTY,
  }),
  keystorePassword: passwordField('ssl.keystore.password', {
    ...TLS,
    doc: 'Password of the key store.',
    aliases: [`${ENGINE}keystore-password`],
    default: EMPTY,
  }),
  truststore: fileField('ssl.truststore.path', {
    ...TLS,
    doc: `Trusted certificates, JKS or PKCS12. ${FILE_WORDS}`,
    validator: fileText(),
    aliases: [`${ENGINE}truststore-path`],
    default: EMPTY,
  }),
  truststorePassword: passwordField('ssl.truststore.password', {
    ...TLS,
    doc: 'Password of the trust store.',
    aliases: [`${ENGINE}truststore-password`],
    default: EMPTY,
  }),
  keyCertChain: fileField('ssl.openssl.keyCertChain', {
    ...TLS,
    doc: `PEM client certificate chain for provider OpenSSL. ${FILE_WORDS}`,
    validator: fileText(),
    dependents: ['ssl.openssl.privateKey'],
    default: EMPTY,
  }),
  privateKey: fileField('ssl.openssl.privateKey', {
    ...TLS,
    doc: `PEM client key (PKCS8) for provider OpenSSL. ${FILE_WORDS}`,
    validator: fileText(),
    dependents: ['ssl.openssl.keyCertChain'],
    default: EMPTY,
  }),
}
