/**
 * The configuration of the connector that copies tables to another cluster.
 * Called by the runtime (REST validation), by `scamander lint` and when a connector starts.
 * Spec: live-migration 3.2.
 */
import {
  booleanField,
  type ConfigSource,
  defineConfig,
  doubleField,
  type EvaluateOptions,
  enumField,
  intField,
  longField,
  parseConfig,
  range,
  type SettingsOf,
} from '../../config/index.ts'
import { sharedFields } from './task-fields.ts'

export const COPY_CONNECTOR_CLASS = 'io.scamander.migrate.TableCopyConnector'

const writing = { group: 'Writing' }

export const copyConnectorConfig = defineConfig(
  'table-copy',
  {
    ...sharedFields,
    writetime: enumField('writetime', ['preserve', 'backdate', 'none'], {
      ...writing,
      doc: 'Write times on the target: those of the source, one before dual writing began, or the present.',
      importance: 'high',
      default: 'preserve',
    }),
    backdateUs: longField('backdate.time.us', {
      ...writing,
      doc: 'The time of backdate, and of cells that tell none; 0: a minute before the task starts.',
      unit: 'microseconds',
      importance: 'low',
      default: 0,
    }),
    keepTtl: booleanField('ttl', { ...writing, doc: 'Keep what is left of TTLs.', default: true }),
    writeRate: doubleField('write.rate', {
      ...writing,
      doc: 'Statements per second of each task; 0: no limit.',
      importance: 'low',
      validator: range({ min: 0 }),
      default: 0,
    }),
    errorsMax: intField('max.errors', {
      ...writing,
      doc: 'Rejected rows of a task at which it fails; -1: never.',
      validator: range({ min: -1 }),
      default: 100,
    }),
  },
  {
    summary: 'Copies tables to another cluster by token ranges.',
    description:
      'The work of `scamander migrate`, spread over the workers of a group: each task has its share of the token ranges of every table and goes on elsewhere when its worker dies. A task that is done stays and does nothing more; delete the positions of the connector to copy anew.',
    examples: [
      {
        title: 'A keyspace by four tasks',
        config: {
          name: 'copy-shop',
          'connector.class': COPY_CONNECTOR_CLASS,
          'tasks.max': '4',
          'source.contact.points': '10.0.0.1',
          'target.contact.points': '10.1.0.1',
          keyspace: 'shop',
          'report.topic': 'copy-shop-rejects',
        },
      },
    ],
  },
)

export type CopyConnectorSettings = SettingsOf<typeof copyConnectorConfig>

export function parseCopyConnector(
  source: ConfigSource,
  options: EvaluateOptions,
): CopyConnectorSettings {
  return parseConfig(copyConnectorConfig, source, options).settings
}
