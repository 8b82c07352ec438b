/**
 * The door of replication: connections, jobs, previews and runs from Backlog or Cassandra into Cassandra.
 * Used by the server and, through its API, by the page and the commands.
 * Knows nothing of HTTP.
 */
export { CHANNEL_KINDS } from './alert-channels.ts'
export { CONNECTORS } from './connector-properties.ts'
export { REPLICATE_ERRORS } from './errors.ts'
export type { ChangeOf } from './job-record.ts'
export { sendMail } from './mail.ts'
export { Replicator, type Trigger } from './replicator.ts'
export type { FindUses } from './secret-desk.ts'
export { SharedState, type SharedStateSettings } from './shared-state.ts'
export { isLosing } from './task-options.ts'
export { isAtLeast, ROLES } from './token-desk.ts'
