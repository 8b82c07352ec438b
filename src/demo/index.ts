/**
 * The demo: sandbox, worker, server and real data sets put together. The only door of the room.
 * Used by the command line (`scamander demo`) and by its integration test.
 * Spec: design, decision 2.
 */

export { type Dump, dumpOf, type Found } from './backlog/dump.ts'
export {
  BacklogStandIn,
  type Fault,
  type StandInOptions,
  startBacklogStandIn,
} from './backlog/stand-in.ts'
export { type DemoOptions, runDemo } from './demo.ts'
export { DEMO_ERRORS } from './errors.ts'
export { type MigrationDemoOptions, runMigrationDemo } from './migration/migration-demo.ts'
