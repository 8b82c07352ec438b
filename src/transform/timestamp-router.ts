/**
 * TimestampRouter: makes the topic from its old name and the time of the record, in UTC.
 * Spec: connect-rest 15.
 * Invariant: key and value stay undecoded; a record without timestamp is an error.
 */
import { SimpleDateFormat } from '../base/java-time/simple-date-format.ts'
import { defineConfig, stringField } from '../config/index.ts'
import { NO_TIMESTAMP } from '../flow/index.ts'
import { dateFormat } from './date-format-setting.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'
import { pluginFactory, type TransformFactory } from './plugin.ts'

const TOPIC = '$' + '{topic}'
const TIMESTAMP = '$' + '{timestamp}'

export const timestampRouterConfig = defineConfig(
  'TimestampRouter',
  {
    topicFormat: stringField('topic.format', {
      default: `${TOPIC}-${TIMESTAMP}`,
      importance: 'high',
      doc: `The new topic; ${TOPIC} and ${TIMESTAMP} stand for the old topic and the formatted timestamp.`,
    }),
    timestampFormat: stringField('timestamp.format', {
      default: 'yyyyMMdd',
      importance: 'high',
      validator: dateFormat,
      doc: 'Format of the timestamp, as SimpleDateFormat of Java has it, in UTC.',
    }),
  },
  {
    summary: 'Changes the topic by the timestamp of the record.',
    description: 'Useful where the topic decides the table, one per day or month.',
    examples: [{ title: 'One topic per month', config: { 'timestamp.format': 'yyyyMM' } }],
  },
)

export const timestampRouter: TransformFactory = pluginFactory(
  'TimestampRouter',
  timestampRouterConfig,
  settings => {
    const format = new SimpleDateFormat(settings.timestampFormat)
    return {
      apply: record => {
        if (record.timestampMs === NO_TIMESTAMP) {
          throw dataError(TRANSFORM_ERRORS.VALUE, 'Timestamp missing on record')
        }
        const timestamp = format.format(record.timestampMs)
        record.topic = settings.topicFormat
          .replaceAll(TOPIC, () => record.topic)
          .replaceAll(TIMESTAMP, () => timestamp)
        return record
      },
    }
  },
)
