/**
 * The transforms and predicates by the Java class names that users configure, full and short
 * (`Cast$Value`). Used by the chain, by validation and to list plugins; a class that is not here
 * does not exist. Spec: connect-rest 15.
 */
import { cast } from './cast.ts'
import { dropHeaders } from './drop-headers.ts'
import { extractField } from './extract-field.ts'
import { filter } from './filter.ts'
import { flatten } from './flatten.ts'
import { headerFrom } from './header-from.ts'
import { hoistField } from './hoist-field.ts'
import { insertField } from './insert-field.ts'
import { insertHeader } from './insert-header.ts'
import { maskField } from './mask-field.ts'
import type { PluginFactory, PredicateFactory, TransformFactory } from './plugin.ts'
import { predicates } from './predicates.ts'
import { regexRouter } from './regex-router.ts'
import { replaceField } from './replace-field.ts'
import { setSchemaMetadata } from './set-schema-metadata.ts'
import { timestampConverter } from './timestamp-converter.ts'
import { timestampRouter } from './timestamp-router.ts'
import { valueToKey } from './value-to-key.ts'

const TRANSFORMS: readonly TransformFactory[] = [
  ...cast,
  dropHeaders,
  ...extractField,
  filter,
  ...flatten,
  ...headerFrom,
  ...hoistField,
  ...insertField,
  insertHeader,
  ...maskField,
  regexRouter,
  ...replaceField,
  ...setSchemaMetadata,
  ...timestampConverter,
  timestampRouter,
  valueToKey,
]

/** By full name and by last part, e.g. `Cast$Value`. */
export const transformClasses: ReadonlyMap<string, TransformFactory> = byName(TRANSFORMS)
export const predicateClasses: ReadonlyMap<string, PredicateFactory> = byName(predicates)

function byName<T>(factories: readonly PluginFactory<T>[]): Map<string, PluginFactory<T>> {
  return new Map(
    factories.flatMap(one => {
      const shortName = one.className.slice(one.className.lastIndexOf('.') + 1)
      return [[one.className, one] as const, [shortName, one] as const]
    }),
  )
}
