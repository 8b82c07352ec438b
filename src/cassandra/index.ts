/**
 * The door of the Cassandra room. Control plane: sessions, schema, token rings, TLS, bundles,
 * errors. Data plane: pooled connections and the write path.
 * Used by sources, sinks and everything above that talks to a cluster.
 */
export { type AuthSettings, toCredentials } from './auth-provider.ts'
export {
  classify,
  isRequestSafeToRetry,
  isUnprepared,
  type RequestFailure,
  type RequestPhase,
  SERVER_ERROR_CODES,
  type ServerError,
} from './classify.ts'
export { ControlSession } from './control/control-session.ts'
export type { OpenOptions } from './control/driver-client.ts'
export { nearestName, suggest } from './control/suggestion.ts'
export { type Row, requireColumn } from './control/table-reader.ts'
export * from './data-plane/index.ts'
export { CASSANDRA_ERRORS } from './errors.ts'
export { readFileValue } from './file-value.ts'
export { qualifiedName, quoteIdentifier } from './identifier.ts'
export {
  BUNDLE_KEY,
  type CloudTopology,
  readSecureBundle,
  type SecureBundle,
} from './secure-bundle.ts'
export {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  type Compression,
  type ContactPoint,
  type Credentials,
} from './settings.ts'
export {
  loadTls,
  type StoreSettings,
  TLS_KEYS,
  type TlsKeys,
  type TlsMaterial,
  type TlsSettings,
  toTlsOptions,
} from './tls.ts'
export { TokenRing } from './token-ring.ts'
export type {
  ColumnKind,
  ColumnSchema,
  NodeEndpoint,
  NodeRef,
  SchemaChange,
  TableSchema,
} from './topology.ts'
