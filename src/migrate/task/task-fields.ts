/**
 * The keys that both connectors of migration share: how each cluster is reached, which tables, and how
 * hard. Part of their declarations; read by task-settings.ts.
 * Invariant: the same key means the same as the option of `scamander migrate` with its name.
 * Spec: live-migration 3.2, 4.1.
 */
import {
  booleanField,
  enumField,
  intField,
  listField,
  passwordField,
  range,
  type Settings,
  stringField,
} from '../../config/index.ts'
import { SELECTION_DEFAULTS } from '../settings.ts'

/** Set by the runtime: `i/n`, the part of the ranges that a task has. */
export const PART_KEY = 'scamander.migration.part'

const LEVELS = ['ONE', 'LOCAL_ONE', 'TWO', 'QUORUM', 'LOCAL_QUORUM', 'EACH_QUORUM', 'ALL'] as const
const SPLITS_DEFAULT = 256

const FIELDS_OF_SIDE = (side: string) => {
  const group = { group: side === 'source' ? 'Source' : 'Target' }
  return {
    ContactPoints: listField(`${side}.contact.points`, {
      ...group,
      doc: `Nodes of the ${side}, host or host:port.`,
      importance: 'high',
      examples: ['10.0.0.1,10.0.0.2'],
      required: true,
    }),
    Port: intField(`${side}.port`, {
      ...group,
      doc: 'Port of contact points that have none.',
      validator: range({ min: 1, max: 65_535 }),
      default: 9042,
    }),
    LocalDc: stringField(`${side}.local.dc`, {
      ...group,
      doc: 'Data centre to work with; not given: that of the contact point.',
      default: '',
    }),
    Username: stringField(`${side}.username`, { ...group, doc: 'Login.', default: '' }),
    Password: passwordField(`${side}.password`, { ...group, doc: 'Its password.' }),
    Tls: booleanField(`${side}.ssl.enabled`, {
      ...group,
      doc: 'Connect by TLS.',
      importance: 'low',
      default: false,
    }),
    Ca: stringField(`${side}.ssl.ca`, {
      ...group,
      doc: 'PEM file of the authorities to trust; not given: those of the system.',
      importance: 'low',
      default: '',
    }),
    Cert: stringField(`${side}.ssl.cert`, {
      ...group,
      doc: 'PEM file of the own certificate.',
      importance: 'low',
      default: '',
    }),
    Key: stringField(`${side}.ssl.key`, {
      ...group,
      doc: 'PEM file of its private key.',
      importance: 'low',
      default: '',
    }),
    VerifyHostname: booleanField(`${side}.ssl.verify.hostname`, {
      ...group,
      doc: 'The certificate must carry the name of the host.',
      importance: 'low',
      default: false,
    }),
  }
}

type SideFields = ReturnType<typeof FIELDS_OF_SIDE>
type OfSide<S extends string> = {
  [K in keyof SideFields & string as `${S}${K}`]: SideFields[K]
}

function fieldsOf<const S extends 'source' | 'target'>(side: S): OfSide<S> {
  const named = Object.entries(FIELDS_OF_SIDE(side)).map(([name, field]) => [side + name, field])
  return Object.fromEntries(named) as OfSide<S>
}

const tables = { group: 'Tables' }
const load = { group: 'Load', importance: 'low' as const }

export const sharedFields = {
  ...fieldsOf('source'),
  ...fieldsOf('target'),
  keyspace: stringField('keyspace', {
    ...tables,
    doc: 'Keyspace of the source.',
    importance: 'high',
    required: true,
  }),
  tables: listField('tables', {
    ...tables,
    doc: 'Tables; none: all of the keyspace.',
    importance: 'high',
    default: [],
  }),
  targetKeyspace: stringField('target.keyspace', {
    ...tables,
    doc: 'Keyspace of the target; not given: the same.',
    default: '',
  }),
  renames: listField('rename.columns', {
    ...tables,
    doc: 'Columns with another name on the target, as source:target.',
    importance: 'low',
    examples: ['name:full_name'],
    default: [],
  }),
  skipColumns: listField('skip.columns', {
    ...tables,
    doc: 'Columns that are left out.',
    importance: 'low',
    default: [],
  }),
  where: stringField('where', {
    ...tables,
    doc: 'Condition for the source, with ALLOW FILTERING.',
    importance: 'low',
    default: '',
  }),
  splits: intField('splits', {
    ...load,
    doc: 'Token ranges of each table, spread over the tasks. Positions belong to ranges: do not change it within a run.',
    validator: range({ min: 1, max: 100_000 }),
    default: SPLITS_DEFAULT,
  }),
  pageSize: intField('page.size', {
    ...load,
    doc: 'Rows of a page at most.',
    validator: range({ min: 1, max: 100_000 }),
    default: SELECTION_DEFAULTS.pageSize,
  }),
  concurrency: intField('concurrency', {
    ...load,
    doc: 'Token ranges at once in each task.',
    validator: range({ min: 1, max: 1_000 }),
    default: 3,
  }),
  readRate: intField('read.rate', {
    ...load,
    doc: 'Rows per second of each task; 0: no limit.',
    validator: range({ min: 0 }),
    default: 0,
  }),
  readConsistency: enumField('read.consistency', LEVELS, {
    ...load,
    doc: 'Consistency level of reads.',
    default: 'LOCAL_QUORUM',
  }),
  writeConsistency: enumField('write.consistency', LEVELS, {
    ...load,
    doc: 'Consistency level of writes to the target.',
    default: 'LOCAL_QUORUM',
  }),
  reportTopic: stringField('report.topic', {
    group: 'Results',
    doc: 'Topic for rows that were rejected or differ, as JSON; it holds data of rows. Not given: they are only counted.',
    importance: 'high',
    default: '',
  }),
  part: stringField(PART_KEY, { doc: 'Set by the runtime.', internal: true, default: '' }),
}

export type SharedSettings = Settings<typeof sharedFields>
