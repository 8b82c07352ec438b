/** The door of the dump: what the command line calls. */
export { type DumpOptions, type DumpResult, dumpChanges } from './dump.ts'
export { readSchemaFile } from './schema-file.ts'
