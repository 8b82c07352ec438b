/**
 * DropHeaders: removes headers by name. Spec: connect-rest 15.
 * Used for headers that the target must not see.
 * Invariant: key and value stay undecoded.
 */
import { defineConfig } from '../config/index.ts'
import { namesField } from './common-fields.ts'
import { pluginFactory, type TransformFactory } from './plugin.ts'

export const dropHeadersConfig = defineConfig(
  'DropHeaders',
  { headers: namesField('headers', 'The name of the headers to be removed.', ['trace,span']) },
  {
    summary: 'Removes one or more headers from each record.',
    description: 'Headers with other names stay in their order.',
    examples: [{ title: 'Remove tracing headers', config: { headers: 'trace,span' } }],
  },
)

export const dropHeaders: TransformFactory = pluginFactory(
  'DropHeaders',
  dropHeadersConfig,
  settings => {
    const names = new Set(settings.headers)
    return {
      apply: record => {
        if (record.headers.length > 0) {
          record.headers = record.headers.filter(header => !names.has(header.name))
        }
        return record
      },
    }
  },
)
