/**
 * The command line: parse, call, print, exit code. The only door of the room.
 * Used by main.ts and by the documentation generator.
 * Start with `program.ts`.
 */
export { CLI_ERRORS } from './errors.ts'
export { buildProgram } from './program.ts'
export { guardProcess, runCli, type Streams } from './run.ts'
