/**
 * The door of the Backlog room: a client for the API of one space, and its lists as pages.
 * Used by the Backlog source and by the tests of connections.
 * Knows no table and no destination.
 */
export {
  BacklogClient,
  type BacklogClientOptions,
  type Caller,
  type Fetch,
  type Params,
  type RenewExclusively,
} from './client.ts'
export { BACKLOG_ERRORS } from './errors.ts'
export type { Exchange } from './exchange.ts'
export { toOrigin } from './origin.ts'
export { idPages, type Json, type ListOptions, offsetPages, PAGE_ROWS } from './pages.ts'
export { exchangeCode } from './sign-in.ts'
