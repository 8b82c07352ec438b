/**
 * The metrics of live connections, declared before use. Fed by `LiveHub`.
 */
import { declareMetric } from '../../telemetry/index.ts'

export const STREAMS = declareMetric({
  name: 'scamander_server_live_streams',
  kind: 'gauge',
  help: 'Browsers with a live connection, those that come back within a minute included.',
  labels: [],
})
