/**
 * The metrics of live connections, declared before use. Fed by `LiveHub`.
 * Invariant: one gauge per server, set whenever a browser comes or goes.
 * Spec: ui 4.3.
 */
import { declareMetric } from '../../telemetry/index.ts'

export const STREAMS = declareMetric({
  name: 'scamander_server_live_streams',
  kind: 'gauge',
  help: 'Browsers with a live connection, those that come back within a minute included.',
  labels: [],
})
