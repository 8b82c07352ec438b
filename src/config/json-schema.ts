/**
 * A JSON schema (2020-12) of a declaration, for editors and other tools.
 * Values may be given typed or as text, as the REST API allows; foreign keys stay legal, because a
 * connector's configuration also holds framework keys.
 */
import { type AnyConfig, keyOf, plainField } from './define-config.ts'
import type { Field, PatternField } from './field.ts'

export interface JsonSchema {
  readonly [keyword: string]: unknown
}

export function jsonSchema(config: AnyConfig): JsonSchema {
  const properties: Record<string, JsonSchema> = {}
  const patternProperties: Record<string, JsonSchema> = {}
  const required: string[] = []
  for (const declared of Object.values(config.fields)) {
    const field = plainField(declared)
    if (field.internal) continue
    if (declared.kind === 'pattern') {
      patternProperties[patternSource(declared)] = propertyOf(field, declared.pattern)
      continue
    }
    properties[field.name] = propertyOf(field, field.name)
    for (const alias of field.aliases) {
      properties[alias.key] = { description: `Same as ${field.name}.` }
    }
    if (field.required) required.push(keyOf(declared))
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: config.name,
    description: config.summary,
    type: 'object',
    properties,
    patternProperties,
    required,
    additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
  }
}

function propertyOf(field: Field<unknown>, title: string): JsonSchema {
  return {
    title,
    description: field.doc,
    ...field.schema,
    ...(field.defaultText === null ? {} : { default: field.defaultText }),
    ...(field.examples.length === 0 ? {} : { examples: field.examples }),
    ...(field.deprecated === undefined ? {} : { deprecated: true }),
  }
}

function patternSource(declared: PatternField<unknown>): string {
  const pieces = declared.pattern.split(/<\w+\*?>/)
  return `^${pieces.map(piece => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`
}
