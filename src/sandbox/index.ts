/**
 * Real Cassandra and Kafka servers on this machine, without containers. The only door of the room.
 * Used by the command line (`scamander sandbox`), the demo, the tests and the benchmarks.
 * Spec: sandbox; design, decision 3.
 */
export type { YamlValue } from './cassandra-config.ts'
export * from './command.ts'
export {
  type CassandraDescription,
  descriptionPath,
  type KafkaDescription,
  type NodeDescription,
  readDescription,
  type SandboxDescription,
} from './description.ts'
export { sandboxErrors } from './errors.ts'
export { cacheFolder, type Progress } from './jar-cache.ts'
export {
  COMMITLOG_SYNCS,
  COMPATIBILITY_MODES,
  type CommitlogSync,
  type CompatibilityMode,
  NODES_MAX,
  type SandboxOptions,
} from './options.ts'
export { CASSANDRA_LINES, type CassandraLine } from './release.ts'
export { type Sandbox, type SandboxServer, startSandbox } from './sandbox.ts'
export type { TlsDescription } from './tls-material.ts'
