/**
 * The predicates of Kafka Connect: TopicNameMatches, HasHeaderKey, RecordIsTombstone.
 * Spec: connect-rest 15. None decodes keys or values; `RecordIsTombstone` needs no decoding because
 * a null value of the message is a null value of the record.
 */
import { JavaRegex } from '../base/java-regex.ts'
import { defineConfig, nonEmpty, stringField } from '../config/index.ts'
import { type PredicateFactory, pluginFactory } from './plugin.ts'
import { javaRegex } from './regex-setting.ts'

export const topicNameMatchesConfig = defineConfig(
  'TopicNameMatches',
  {
    pattern: stringField('pattern', {
      required: true,
      doc: 'A Java regular expression that the whole name of the topic must match.',
      examples: ['orders-.*'],
      validator: {
        ...javaRegex,
        check: text => [...nonEmpty().check(text), ...javaRegex.check(text)],
      },
    }),
  },
  {
    summary: 'True for records whose topic matches a regular expression.',
    description: 'The topic is the one that earlier transforms may have set.',
    examples: [{ title: 'Order topics', config: { pattern: 'orders-.*' } }],
  },
)

export const hasHeaderKeyConfig = defineConfig(
  'HasHeaderKey',
  {
    name: stringField('name', {
      required: true,
      doc: 'The header name.',
      examples: ['deleted'],
      validator: nonEmpty(),
    }),
  },
  {
    summary: 'True for records with at least one header of a name.',
    description: 'The value of the header does not matter.',
    examples: [{ title: 'Records marked as deleted', config: { name: 'deleted' } }],
  },
)

export const recordIsTombstoneConfig = defineConfig(
  'RecordIsTombstone',
  {},
  {
    summary: 'True for records whose value is null.',
    description: 'This predicate has no settings.',
  },
)

export const predicates: readonly PredicateFactory[] = [
  pluginFactory('predicates.TopicNameMatches', topicNameMatchesConfig, settings => {
    const regex = new JavaRegex(settings.pattern)
    return { test: record => regex.matches(record.topic) }
  }),
  pluginFactory('predicates.HasHeaderKey', hasHeaderKeyConfig, ({ name }) => ({
    test: record => record.headers.some(header => header.name === name),
  })),
  pluginFactory('predicates.RecordIsTombstone', recordIsTombstoneConfig, () => ({
    test: record => record.value === null,
  })),
]
