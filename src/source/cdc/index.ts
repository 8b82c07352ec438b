/**
 * Capture: changes of Cassandra tables from the commit log.
 *
 *     cdc_raw -> SegmentFollower (worker thread) -> CaptureStore (queue) -> CdcSource -> Kafka
 *
 * The dump (`cdc dump`) reads the same files and keeps nothing.
 */
export { fetchSchema } from './cluster-schema.ts'
export * from './dump/index.ts'
export { CDC_ERRORS } from './errors.ts'
