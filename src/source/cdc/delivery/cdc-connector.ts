/**
 * The capture connector as the catalog lists it: checks, plans tasks, makes sources.
 * Queue partitions are dealt out to the tasks; each task serves all channels of the destination.
 * Spec: cdc-replication 1.6, 1.8.
 */
import type { ConfigSource, Lint } from '../../../config/index.ts'
import { converterClasses } from '../../../convert/index.ts'
import type { RecordSource, Schema, Value } from '../../../flow/index.ts'
import type { Logger, MetricRegistry } from '../../../telemetry/index.ts'
import { findCapture, requireQueue } from '../capture-hub.ts'
import { QUEUE_PARTITIONS } from '../frame.ts'
import { SnapshotReader, toConsistency } from '../snapshot/snapshot-reader.ts'
import { TaskSnapshots } from '../snapshot/task-snapshots.ts'
import {
  type CdcConnectorSettings,
  cdcConnectorConfig,
  parseCdcConnector,
} from './cdc-connector-config.ts'
import { CdcSource } from './cdc-source.ts'
import { DebeziumFormat } from './debezium-format.ts'
import { DefaultFormat } from './default-format.ts'
import type { DeliveryQueue } from './delivery-queue.ts'
import type { EventFormat } from './event-format.ts'
import { EventMaker } from './event-maker.ts'
import { RowReader } from './row-reader.ts'
import { ScamanderFormat } from './scamander-format.ts'

export interface CdcSourceContext {
  readonly connector: string
  readonly logger: Logger
  readonly metrics: MetricRegistry
}

const PARTITIONS_KEY = 'scamander.cdc.partitions'

export { cdcConnectorConfig }

/** What the declaration cannot know: whether the destination exists. */
export function checkCdcConnector(source: ConfigSource): readonly Lint[] {
  const entry = source.entries.get('destination')
  const capture = findCapture()
  if (capture === undefined || entry === undefined) return []
  const name = entry.value.trim()
  const location = entry.location === undefined ? {} : { location: entry.location }
  const refuse = (reason: string, advice: string): Lint => ({
    ...{ kind: 'invalid', severity: 'error', key: 'destination', advice },
    message: `Invalid value ${name} for configuration destination: ${reason}`,
    ...location,
  })
  const found = capture.destinations.find(one => one.name === name)
  if (found === undefined) {
    const advice = `Create it: scamander advrep destination create --name ${name}`
    const help = `create it with scamander advrep destination create --name ${name}`
    return [refuse(`there is no such destination; ${help}`, advice)]
  }
  if (found.addresses.length > 0) {
    const reason = 'it is in Cassandra, and written to without a connector'
    return [refuse(reason, 'Make a destination without addresses for this connector.')]
  }
  const other = capture.queue.servedBy(name)
  const own = source.entries.get('name')?.value
  if (other === undefined || own === undefined || other === own) return []
  const advice = 'Make a destination of its own for each connector.'
  return [refuse(`the connector ${other} serves it`, advice)]
}

export function prepareCdcConnector(source: ConfigSource) {
  const settings = parseCdcConnector(source)
  return {
    notes: [],
    // Positions are stored in the transaction of their page; rows of a snapshot may be read again.
    supportsExactlyOnce: settings.snapshotMode === 'none',
    taskConfigs: async ({ tasksMax }: { readonly tasksMax: number }) => {
      await requireQueue().checkDestination(settings.destination)
      const count = Math.max(1, Math.min(tasksMax, QUEUE_PARTITIONS))
      return Array.from({ length: count }, (_, task) => ({
        [PARTITIONS_KEY]: partitionsOf(task, count).join(','),
      }))
    },
    createSource: (
      taskConfig: Readonly<Record<string, string>>,
      context: CdcSourceContext,
    ): RecordSource => createSource(settings, { ...convertersOf(source), ...taskConfig }, context),
  }
}

/** Those that the connector names itself: events take account of them. */
function convertersOf({ entries }: ConfigSource): Record<string, string> {
  const keys = ['key.converter', 'value.converter']
  return Object.fromEntries(keys.map(key => [key, entries.get(key)?.value ?? '']))
}

function partitionsOf(task: number, count: number): number[] {
  return Array.from({ length: QUEUE_PARTITIONS }, (_, i) => i).filter(i => i % count === task)
}

function createSource(
  settings: CdcConnectorSettings,
  taskConfig: Readonly<Record<string, string>>,
  { connector, logger, metrics }: CdcSourceContext,
): RecordSource {
  const queue = requireQueue()
  const partitions = (taskConfig[PARTITIONS_KEY] ?? '').split(',').map(Number)
  const rows = new RowReader(queue.cluster)
  const isText = settings.payload === 'json-string' || takesStringsOnly(taskConfig)
  const toText = isText ? jsonText : undefined
  const format = formatOf(settings, namesTypes(taskConfig))
  const snapshots = snapshotsOf(settings, partitions, { queue, logger })
  const events = new EventMaker({ queue, settings, format, rows, metrics, snapshots, toText })
  const { destination } = settings
  const task = { connector, destination, partitions }
  return new CdcSource({ ...task, queue, events, snapshots, logger, metrics })
}

/** Undefined where none can be given. */
function snapshotsOf(
  settings: CdcConnectorSettings,
  partitions: readonly number[],
  { queue, logger }: { readonly queue: DeliveryQueue; readonly logger: Logger },
): TaskSnapshots | undefined {
  const { snapshotMode: mode, destination } = settings
  const { snapshots: seam } = queue
  if (seam === undefined) return undefined
  const consistency = toConsistency(settings.snapshotConsistency)
  const pageSize = settings.snapshotPageSize
  const reader = new SnapshotReader(queue.cluster, { consistency, pageSize })
  const rowsPerSecond = settings.snapshotRowsPerSecond
  return new TaskSnapshots({ seam, reader, mode, destination, partitions, rowsPerSecond, logger })
}

function formatOf(settings: CdcConnectorSettings, hasTypeNames: boolean): EventFormat {
  const { decimal, varint, tombstones, prefix, destination, cellMetadata } = settings
  const forms = { decimal, varint }
  switch (settings.format) {
    case 'debezium':
      return new DebeziumFormat({
        forms,
        tombstones: tombstones ?? false,
        prefix: prefix ?? destination,
        hasTypeNames,
      })
    case 'scamander':
      return new ScamanderFormat({ forms, tombstones: tombstones ?? false, cellMetadata })
    default:
      return new DefaultFormat({ forms, tombstones: tombstones ?? true })
  }
}

/** A converter of strings would show the structure itself. */
function takesStringsOnly(config: Readonly<Record<string, string>>): boolean {
  return ['key.converter', 'value.converter'].some(key =>
    /(^|\.)String(Converter)?$/.test(config[key]?.trim() ?? ''),
  )
}

/** The converter of values defines types by their names, each once. */
function namesTypes(config: Readonly<Record<string, string>>): boolean {
  return /(^|\.)(Avro|Protobuf)Converter$/.test(config['value.converter']?.trim() ?? '')
}

const json = converterClasses.get('org.apache.kafka.connect.json.JsonConverter')!.createConverter!(
  { 'schemas.enable': 'false' },
  false,
)

function jsonText(schema: Schema | null, value: Value): string | null {
  return json.encode('', schema, value)?.toString() ?? null
}
