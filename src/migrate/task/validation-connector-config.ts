/**
 * The configuration of the connector that compares tables of two clusters.
 * Called by the runtime (REST validation), by `scamander lint` and when a connector starts.
 * Spec: live-migration 4.1.
 */
import {
  booleanField,
  type ConfigSource,
  defineConfig,
  doubleField,
  type EvaluateOptions,
  intField,
  listField,
  parseConfig,
  range,
  type SettingsOf,
} from '../../config/index.ts'
import { VALIDATE_DEFAULTS as DEFAULTS } from '../validate-settings.ts'
import { sharedFields } from './task-fields.ts'

export const VALIDATION_CONNECTOR_CLASS = 'io.scamander.migrate.TableValidationConnector'

const comparing = { group: 'Comparison' }
const tolerance = { ...comparing, importance: 'low' as const, validator: range({ min: 0 }) }

export const validationConnectorConfig = defineConfig(
  'table-validation',
  {
    ...sharedFields,
    compareTimestamps: booleanField('compare.timestamps', {
      ...comparing,
      doc: 'Compare write times and TTLs as well.',
      importance: 'high',
      default: DEFAULTS.compareTimestamps,
    }),
    ttlToleranceMs: intField('ttl.tolerance.ms', {
      ...tolerance,
      doc: 'Difference of TTLs that is none.',
      unit: 'milliseconds',
      default: DEFAULTS.ttlToleranceMs,
    }),
    writetimeToleranceMs: intField('writetime.tolerance.ms', {
      ...tolerance,
      doc: 'Difference of write times that is none.',
      unit: 'milliseconds',
      default: DEFAULTS.writetimeToleranceMs,
    }),
    timestampToleranceMs: intField('timestamp.tolerance.ms', {
      ...tolerance,
      doc: 'Difference of values of type timestamp that is none.',
      unit: 'milliseconds',
      default: DEFAULTS.timestampToleranceMs,
    }),
    floatTolerance: doubleField('float.tolerance', {
      ...tolerance,
      doc: 'Difference of float, double and decimal that is none.',
      default: DEFAULTS.floatTolerance,
    }),
    ignoreWritetime: listField('ignore.writetime.columns', {
      ...comparing,
      doc: 'Columns whose write times are not compared.',
      importance: 'low',
      default: [],
    }),
    maxFailures: intField('max.failures', {
      ...comparing,
      doc: 'Rows that differ at which a task fails; 0: never.',
      validator: range({ min: 0 }),
      default: 0,
    }),
    recheck: intField('recheck', {
      ...comparing,
      doc: 'Times that a different row is read again before it counts.',
      importance: 'low',
      validator: range({ min: 0, max: 100 }),
      default: DEFAULTS.recheck,
    }),
    recheckDelayMs: intField('recheck.delay.ms', {
      ...comparing,
      doc: 'Pause before each of them.',
      unit: 'milliseconds',
      importance: 'low',
      validator: range({ min: 0, max: 3_600_000 }),
      default: DEFAULTS.recheckDelayMs,
    }),
    reverse: booleanField('reverse', {
      ...comparing,
      doc: 'Tell rows that only the target has.',
      default: DEFAULTS.reverse,
    }),
  },
  {
    summary: 'Compares tables of two clusters by token ranges.',
    description:
      'The work of `scamander validate`, spread over the workers of a group. A task fails when rows of its ranges differ; restarted, it looks at those ranges again. Repairs are made by the command.',
    examples: [
      {
        title: 'A keyspace by four tasks',
        config: {
          name: 'validate-shop',
          'connector.class': VALIDATION_CONNECTOR_CLASS,
          'tasks.max': '4',
          'source.contact.points': '10.0.0.1',
          'target.contact.points': '10.1.0.1',
          keyspace: 'shop',
          'compare.timestamps': 'true',
          'report.topic': 'validate-shop-differences',
        },
      },
    ],
  },
)

export type ValidationConnectorSettings = SettingsOf<typeof validationConnectorConfig>

export function parseValidationConnector(
  source: ConfigSource,
  options: EvaluateOptions,
): ValidationConnectorSettings {
  return parseConfig(validationConnectorConfig, source, options).settings
}
