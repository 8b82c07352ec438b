/**
 * What a tab and the shared worker tell each other, types only.
 * Invariant: a tab that was silent for long is taken as closed; an open one tells every 20 s that it is.
 * Used by live-link.ts and live-worker.ts.
 * Spec: ui 4.3.
 */
import type { LiveMessage } from '../../api-v1-live.ts'
import type { LiveState } from './live-connection.ts'

export type FromTab =
  | { readonly kind: 'listen' | 'leave'; readonly topic: string }
  | { readonly kind: 'alive' | 'bye' | 'retry' }

export type ToTab =
  | { readonly kind: 'state'; readonly state: LiveState }
  | { readonly kind: 'message'; readonly message: LiveMessage }

export const ALIVE_MS = 20_000
/** Timers of tabs in the background are slow. */
export const LOST_MS = 180_000
