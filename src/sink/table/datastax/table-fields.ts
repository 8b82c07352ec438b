/**
 * Declares the keys below `topic.`: settings of a table and codec settings of a topic.
 * Part of `datastaxSinkConfig`. The topic is greedy: the last three parts of a table key are
 * keyspace, table and setting. A table key is tried first; any other `topic.` key is an error.
 * Spec: cassandra-sink 3.4-3.6, 4.4 (allowMissingFields).
 */
import {
  booleanField,
  enumField,
  type Field,
  fieldMaker,
  intField,
  invalid,
  type KeyMatcher,
  type Parsed,
  type PatternField,
  patternField,
  range,
  stringField,
} from '../../../config/index.ts'
import { type Mapping, parseMapping } from './mapping.ts'
import type { ConsistencyName, TimeUnit } from './settings.ts'

export const TIME_UNITS: readonly TimeUnit[] = [
  'NANOSECONDS',
  'MICROSECONDS',
  'MILLISECONDS',
  'SECONDS',
  'MINUTES',
  'HOURS',
  'DAYS',
]

export const CONSISTENCIES: readonly ConsistencyName[] = [
  'ANY',
  'ONE',
  'TWO',
  'THREE',
  'QUORUM',
  'ALL',
  'LOCAL_ONE',
  'LOCAL_QUORUM',
  'EACH_QUORUM',
  'SERIAL',
  'LOCAL_SERIAL',
]

export const consistencyField = fieldMaker<ConsistencyName>({
  type: 'STRING',
  width: 'SHORT',
  format: value => value,
  expected: `one of ${CONSISTENCIES.join(', ')}`,
  parse: text => {
    const word = text.trim().toUpperCase()
    const value = CONSISTENCIES.find(one => one === word)
    if (value !== undefined) return { value }
    const list = CONSISTENCIES.join(', ')
    return invalid('value', `String must be one of: ${list}`, `one of ${list}`)
  },
})

const mappingField = fieldMaker<Mapping>({
  type: 'STRING',
  width: 'LONG',
  format: () => '',
  schema: { type: 'string' },
  expected: 'column=field entries, separated by commas',
  parse: parseMappingSetting,
})

function parseMappingSetting(text: string): Parsed<Mapping> {
  const parsed = parseMapping(text)
  if ('mapping' in parsed) return { value: parsed.mapping }
  return {
    problems: parsed.problems.map(problem => ({
      what: 'value' as const,
      text: `line ${problem.line}:${problem.column}: ${problem.message}`,
      expected: 'column=field entries, separated by commas',
    })),
  }
}

const TOPIC = '[a-zA-Z0-9._-]+'
export const TABLE_SETTINGS = [
  'mapping',
  'consistencyLevel',
  'ttl',
  'ttlTimeUnit',
  'timestampTimeUnit',
  'nullToUnset',
  'deletesEnabled',
  'query',
  'allowMissingFields',
] as const
export const CODEC_SETTINGS = ['locale', 'timeZone', 'timestamp', 'date', 'time', 'unit'] as const

function tableSetting<T>(setting: string, field: Field<T>): PatternField<T> {
  const regex = new RegExp(
    `^topic\\.(?<topic>${TOPIC})\\.(?<keyspace>[^.]+)\\.(?<table>[^.]+)\\.${setting}$`,
    's',
  )
  const match: KeyMatcher = key => regex.exec(key)?.groups
  return patternField(`topic.<topic>.<keyspace>.<table>.${setting}`, field, { match })
}

function codecSetting(setting: string, doc: string, defaultText: string): PatternField<string> {
  const regex = new RegExp(`^topic\\.(?<topic>${TOPIC})\\.codec\\.${setting}$`)
  const field = stringField(`codec.${setting}`, { group: 'Codec', doc, default: defaultText })
  const match: KeyMatcher = key => regex.exec(key)?.groups
  return patternField(`topic.<topic>.codec.${setting}`, field, { match })
}

const MAPPING = { group: 'Mapping' }

export const tableFields = {
  mapping: tableSetting(
    'mapping',
    mappingField('mapping', {
      ...MAPPING,
      doc: 'Which field of a record feeds which column: column=key, value, key.field, value.field, header.name or now(). Required for every table.',
      importance: 'high',
      examples: ['id=key, name=value.name, age=value.age'],
      required: true,
    }),
  ),
  consistencyLevel: tableSetting(
    'consistencyLevel',
    consistencyField('consistencyLevel', {
      ...MAPPING,
      doc: 'Consistency level of the writes.',
      recommended: CONSISTENCIES,
      default: 'LOCAL_ONE',
    }),
  ),
  ttl: tableSetting(
    'ttl',
    intField('ttl', {
      ...MAPPING,
      doc: 'Time to live of written cells in ttlTimeUnit, rounded down to seconds; -1: none.',
      validator: range({ min: -1 }),
      default: -1,
    }),
  ),
  ttlTimeUnit: tableSetting(
    'ttlTimeUnit',
    enumField('ttlTimeUnit', TIME_UNITS, {
      ...MAPPING,
      doc: 'Unit of ttl and of the pseudo-column __ttl.',
      default: 'SECONDS',
    }),
  ),
  timestampTimeUnit: tableSetting(
    'timestampTimeUnit',
    enumField('timestampTimeUnit', TIME_UNITS, {
      ...MAPPING,
      doc: 'Unit of the pseudo-column __timestamp.',
      default: 'MICROSECONDS',
    }),
  ),
  nullToUnset: tableSetting(
    'nullToUnset',
    booleanField('nullToUnset', {
      ...MAPPING,
      doc: 'true: a null field leaves the column as it is. false: it writes null, a tombstone.',
      default: true,
    }),
  ),
  deletesEnabled: tableSetting(
    'deletesEnabled',
    booleanField('deletesEnabled', {
      ...MAPPING,
      doc: 'A record without any value but its key deletes the row, when all columns are mapped.',
      default: true,
    }),
  ),
  query: tableSetting(
    'query',
    stringField('query', {
      ...MAPPING,
      doc: 'Own CQL with named bind variables instead of the generated insert; needs deletesEnabled=false.',
      examples: ['UPDATE ks.t SET v = :v WHERE id = :id'],
    }),
  ),
  allowMissingFields: tableSetting(
    'allowMissingFields',
    booleanField('allowMissingFields', {
      ...MAPPING,
      doc: 'A record without a mapped field counts as if the field were null.',
      importance: 'low',
      since: '0.1',
      default: false,
    }),
  ),
  codecLocale: codecSetting(
    'locale',
    'Locale of numbers and of month and day names: language[_COUNTRY[_variant]].',
    'en_US',
  ),
  codecTimeZone: codecSetting('timeZone', 'Time zone of texts that carry none.', 'UTC'),
  codecTimestamp: codecSetting(
    'timestamp',
    'Form of timestamps in text: CQL_TIMESTAMP, UNITS_SINCE_EPOCH, the name of a predefined formatter or a pattern.',
    'CQL_TIMESTAMP',
  ),
  codecDate: codecSetting('date', 'Form of dates in text.', 'ISO_LOCAL_DATE'),
  codecTime: codecSetting('time', 'Form of times of day in text.', 'ISO_LOCAL_TIME'),
  codecUnit: codecSetting(
    'unit',
    'Unit of numbers that stand for timestamps, dates and times.',
    'MILLISECONDS',
  ),
  /** Whatever else begins with `topic.`; reported by a cross check. */
  topicOthers: patternField(
    'topic.<rest*>',
    stringField('topic.<rest>', { doc: 'No other key may begin with topic.', internal: true }),
  ),
}
