/**
 * The capture connector as the catalog lists it: checks, plans tasks, makes sources.
 * Queue partitions are dealt out to the tasks; each task serves all channels of the destination.
 * Spec: cdc-replication 1.6, 1.8.
 */
import type { ConfigSource, Lint } from '../../../config/index.ts'
import { converterClasses } from '../../../convert/index.ts'
import type { RecordSource, Schema, Value } from '../../../flow/index.ts'
import type { Logger, MetricRegistry } from '../../../telemetry/index.ts'
import { findCapture, requireCapture } from '../capture-hub.ts'
import { QUEUE_PARTITIONS } from '../frame.ts'
import {
  type CdcConnectorSettings,
  cdcConnectorConfig,
  parseCdcConnector,
} from './cdc-connector-config.ts'
import { CdcSource } from './cdc-source.ts'
import { DebeziumFormat } from './debezium-format.ts'
import { DefaultFormat } from './default-format.ts'
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
  if (capture.destinations.some(one => one.name === name)) return []
  const location = entry.location === undefined ? {} : { location: entry.location }
  return [
    {
      kind: 'invalid',
      severity: 'error',
      key: 'destination',
      message: `Invalid value ${name} for configuration destination: there is no such destination`,
      advice: `Create it: scamander advrep destination create --name ${name}`,
      ...location,
    },
  ]
}

export function prepareCdcConnector(source: ConfigSource) {
  const settings = parseCdcConnector(source)
  return {
    notes: [],
    supportsExactlyOnce: false,
    taskConfigs: async ({ tasksMax }: { readonly tasksMax: number }) => {
      requireCapture().destination(settings.destination)
      const count = Math.max(1, Math.min(tasksMax, QUEUE_PARTITIONS))
      return Array.from({ length: count }, (_, task) => ({
        [PARTITIONS_KEY]: partitionsOf(task, count).join(','),
      }))
    },
    createSource: (
      taskConfig: Readonly<Record<string, string>>,
      context: CdcSourceContext,
    ): RecordSource => createSource(settings, taskConfig, context),
  }
}

function partitionsOf(task: number, count: number): number[] {
  return Array.from({ length: QUEUE_PARTITIONS }, (_, i) => i).filter(i => i % count === task)
}

function createSource(
  settings: CdcConnectorSettings,
  taskConfig: Readonly<Record<string, string>>,
  { logger, metrics }: CdcSourceContext,
): RecordSource {
  const capture = requireCapture()
  const partitions = (taskConfig[PARTITIONS_KEY] ?? '').split(',').map(Number)
  const rows = new RowReader(capture.cluster)
  const isText = settings.payload === 'json-string' || takesStringsOnly(taskConfig)
  const toText = isText ? jsonText : undefined
  const format = formatOf(settings)
  const events = new EventMaker({ capture, settings, format, rows, metrics, toText })
  const { destination } = settings
  return new CdcSource({ capture, destination, partitions, events, logger, metrics })
}

function formatOf(settings: CdcConnectorSettings): EventFormat {
  const { decimal, varint, tombstones, prefix, destination } = settings
  const forms = { decimal, varint }
  switch (settings.format) {
    case 'debezium':
      return new DebeziumFormat({
        forms,
        tombstones: tombstones ?? false,
        prefix: prefix ?? destination,
      })
    case 'scamander':
      return new ScamanderFormat({ forms, tombstones: tombstones ?? false })
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

const json = converterClasses.get('org.apache.kafka.connect.json.JsonConverter')!.createConverter!(
  { 'schemas.enable': 'false' },
  false,
)

function jsonText(schema: Schema | null, value: Value): string | null {
  return json.encode('', schema, value)?.toString() ?? null
}
