/**
 * The door of the proxy room: start a dual-write CQL proxy between clients and two clusters, and
 * replay what one cluster missed. Used by the command line and by tests.
 * Start with proxy.ts; session/ is where requests are decided.
 * Spec: live-migration 1, 2.
 */
export { PROXY_ERRORS } from './errors.ts'
export { type ReplayResult, replayJournal } from './journal/replay.ts'
export { type RunningProxy, startProxy } from './proxy.ts'
export { endpointOf } from './proxy-node.ts'
export { PROXY_OPTIONS, type ProxyOption } from './settings/options.ts'
export type { ProxySettings } from './settings/proxy-settings.ts'
export { readProxySettings } from './settings/read-settings.ts'
export { REPLAY_OPTIONS, readReplaySettings } from './settings/replay-settings.ts'
