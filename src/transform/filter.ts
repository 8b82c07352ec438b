/**
 * Filter: drops every record it is applied to; a predicate chooses them.
 * A dropped record counts as handled: its offset is committed.
 * Spec: connect-rest 15.
 */
import { defineConfig } from '../config/index.ts'
import { pluginFactory, type TransformFactory } from './plugin.ts'

export const filterConfig = defineConfig(
  'Filter',
  {},
  {
    summary: 'Drops records; use it with a predicate.',
    description:
      'This transform has no settings of its own. Without a predicate it drops every record.',
  },
)

export const filter: TransformFactory = pluginFactory('Filter', filterConfig, () => ({
  apply: () => undefined,
}))
