/**
 * The door of the dump: what the command line calls. The dump reads segment files, keeps nothing and
 * needs no worker.
 * Spec: cdc-replication 2.6.
 */
export { type DumpOptions, type DumpResult, dumpChanges } from './dump.ts'
export { readSchemaFile } from './schema-file.ts'
