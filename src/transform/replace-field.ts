/**
 * ReplaceField: keeps, drops and renames top-level fields. Spec: connect-rest 15.
 * `exclude` wins over `include`; both name fields as they were before renaming.
 * Invariant: a null passes through; with a schema, two fields of one name are an error.
 */
import { defineConfig, listField } from '../config/index.ts'
import type { Value, ValueMap } from '../flow/index.ts'
import { replaceNullField, toPair } from './common-fields.ts'
import { basicsOf, SchemaCache, StructBuilder } from './derived-schema.ts'
import type { TransformFactory } from './plugin.ts'
import { sidedFactories } from './side.ts'
import { newStruct, putField, readNamed } from './struct-fields.ts'
import { requireMap, requireStruct } from './value-shape.ts'

const PURPOSE = 'field replacement'

export const replaceFieldConfig = defineConfig(
  'ReplaceField',
  {
    exclude: listField('exclude', {
      default: [],
      doc: 'Fields to exclude. This takes precedence over the fields to include.',
      aliases: ['blacklist'],
      examples: ['password'],
    }),
    include: listField('include', {
      default: [],
      doc: 'Fields to include. If specified, only these fields will be used.',
      aliases: ['whitelist'],
      examples: ['id,name'],
    }),
    renames: listField('renames', {
      default: [],
      doc: 'Field rename mappings.',
      examples: ['foo:bar,abc:xyz'],
      validator: {
        expected: 'a list of colon-delimited pairs, e.g. foo:bar,abc:xyz',
        check: list =>
          list
            .filter(mapping => toPair(mapping) === undefined)
            .map(mapping => `Invalid rename mapping: ${mapping}`),
      },
    }),
    replaceNull: replaceNullField,
  },
  {
    summary: 'Filters or renames fields.',
    description: 'Use the class that ends in $Key for record keys, $Value for record values.',
    examples: [
      { title: 'Drop one field, rename another', config: { exclude: 'secret', renames: 'c1:id' } },
    ],
  },
)

export const replaceField: readonly TransformFactory[] = sidedFactories(
  'ReplaceField',
  replaceFieldConfig,
  ({ exclude, include, renames, replaceNull }, side) => {
    const names = new FieldNames({ exclude, include, renames })
    const cache = new SchemaCache(schema => {
      const builder = new StructBuilder()
      for (const field of schema.fields) {
        if (names.keeps(field.name)) builder.field(names.renamed(field.name), field.schema)
      }
      return builder.build(basicsOf(schema))
    })
    return {
      apply: record => {
        const value = side.valueOf(record)
        const schema = side.schemaOf(record)
        if (value === null) return record
        if (schema === null) {
          return side.put(record, null, replaceInMap(requireMap(value, PURPOSE), names))
        }
        const struct = requireStruct(schema, value, PURPOSE)
        const updated = newStruct(cache.of(struct.schema))
        for (const field of updated.schema.fields) {
          putField(updated, field.name, readNamed(struct, names.original(field.name), replaceNull))
        }
        return side.put(record, updated.schema, updated)
      },
    }
  },
)

class FieldNames {
  readonly #exclude: ReadonlySet<string>
  readonly #include: ReadonlySet<string>
  readonly #renames: ReadonlyMap<string, string>
  readonly #originals: ReadonlyMap<string, string>

  constructor(lists: {
    exclude: readonly string[]
    include: readonly string[]
    renames: readonly string[]
  }) {
    const pairs = lists.renames.flatMap(mapping => {
      const pair = toPair(mapping)
      return pair === undefined ? [] : [pair]
    })
    this.#exclude = new Set(lists.exclude)
    this.#include = new Set(lists.include)
    this.#renames = new Map(pairs)
    this.#originals = new Map([...this.#renames].map(([from, to]) => [to, from]))
  }

  keeps(name: string): boolean {
    return !this.#exclude.has(name) && (this.#include.size === 0 || this.#include.has(name))
  }

  renamed(name: string): string {
    return this.#renames.get(name) ?? name
  }

  original(name: string): string {
    return this.#originals.get(name) ?? name
  }
}

function replaceInMap(map: ValueMap, names: FieldNames): ValueMap {
  const updated = new Map<Value, Value>()
  for (const [key, value] of map) {
    if (typeof key !== 'string') updated.set(key, value)
    else if (names.keeps(key)) updated.set(names.renamed(key), value)
  }
  return updated
}
