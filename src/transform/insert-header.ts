/**
 * InsertHeader: adds one header with a literal value to each record. Spec: connect-rest 15.
 * The literal's type is inferred once, as the default header converter does. Key and value stay
 * undecoded.
 */
import { defineConfig, stringField } from '../config/index.ts'
import { pluginFactory, type TransformFactory } from './plugin.ts'

export const insertHeaderConfig = defineConfig(
  'InsertHeader',
  {
    header: stringField('header', {
      required: true,
      importance: 'high',
      doc: 'The name of the header.',
      examples: ['origin'],
    }),
    value: stringField('value.literal', {
      required: true,
      importance: 'high',
      doc: 'The literal value of the header on all records; numbers, booleans, dates, lists and maps are recognised.',
      examples: ['42'],
    }),
  },
  {
    summary: 'Adds a header to each record.',
    description: 'Headers of the same name stay; the new one comes last.',
    examples: [{ title: 'Mark records', config: { header: 'origin', 'value.literal': 'shop' } }],
  },
)

export const insertHeader: TransformFactory = pluginFactory(
  'InsertHeader',
  insertHeaderConfig,
  (settings, context) => {
    const header = { name: settings.header, ...context.parseLiteral(settings.value) }
    return {
      apply: record => {
        record.headers = [...record.headers, header]
        return record
      },
    }
  },
)
