/**
 * Converts a configuration of the current KCQL sink into the DataStax dialect: the translation that
 * the sink itself runs, and what lies beside it.
 * Called by `convertSinkConfig`. Spec: cassandra-sink 10.7.
 */
import type { ConfigSource } from '../../../../config/index.ts'
import { type KcqlText, parseKcql } from '../../../../kcql/index.ts'
import { KCQL_ALIASES, KCQL_KEY } from '../shared-fields.ts'
import { placeIn } from '../statement-checks.ts'
import { translateConfig, WHOLE_ROW } from '../translate.ts'
import { type Conversion, ConversionWriter } from './conversion-writer.ts'

const PREFIX = 'connect.cassandra.'

/** Throws `KcqlError` when the KCQL cannot be understood. */
export function currentToDatastax(source: ConfigSource): Conversion {
  const writer = new ConversionWriter(source.entries)
  const text = writer.take(KCQL_KEY, ...KCQL_ALIASES) ?? ''
  const kcql: KcqlText = { text, statements: parseKcql(text) }
  const { entries, problems, tables } = translateConfig(source, kcql)
  for (const [key, { value }] of entries) {
    if (value.trim() !== '' && value !== WHOLE_ROW) writer.set(key, value.trim())
  }
  for (const { offset, message, isWarning } of problems) {
    const place = placeIn(kcql, offset)
    if (isWarning === true) writer.differs(place, message)
    else writer.lost(place, message)
  }
  for (const { statement, rest } of tables) {
    if (rest === undefined) continue
    const text = 'a mapping names every column: write the columns instead of the wildcard'
    writer.lost(placeIn(kcql, statement.columns[0]!.at.start), text)
  }
  errors(writer)
  for (const key of writer.keys()) if (key.startsWith(PREFIX)) writer.take(key)
  for (const key of writer.keys()) if (key.startsWith('scamander.compat.')) writer.take(key)
  if (writer.take('connect.progress.enabled')?.toLowerCase() === 'true') {
    writer.lost('connect.progress.enabled', 'there is no such log; see the metrics')
  }
  if (!writer.entries.has('loadBalancing.localDc')) {
    writer.set('loadBalancing.localDc', 'datacenter1')
    const remark = 'the DataStax dialect needs the data centre; datacenter1 was put in, check it'
    writer.differs('loadBalancing.localDc', remark)
  }
  return writer
}

function errors(writer: ConversionWriter): void {
  const key = `${PREFIX}error.policy`
  const policy = (writer.take(key, `${PREFIX}sink.error.policy`) ?? 'THROW').toUpperCase()
  const retries = writer.take(`${PREFIX}max.retries`, `${PREFIX}max.retires`) ?? '20'
  writer.take(`${PREFIX}retry.interval`)
  if (policy === 'NOOP') writer.set('ignoreErrors', 'All')
  else if (policy === 'THROW') writer.set('scamander.errors.max.attempts', '1')
  else if (retries !== '-1')
    writer.set('scamander.errors.max.attempts', String(Number(retries) + 1))
  if (policy === 'RETRY') {
    writer.differs(
      `${PREFIX}retry.interval`,
      'pauses between attempts grow from 1 s to 60 s instead',
    )
  }
}
