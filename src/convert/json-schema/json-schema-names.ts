/**
 * Names by which JSON Schemas and Connect schemas tell each other what one of them lacks.
 * Used by everything in this folder. Spec: connect-rest 12.3.
 * Invariant: spelled as Confluent's converter spells them.
 */
export const ONE_OF = 'io.confluent.connect.json.OneOf'
export const ENUM_PARAMETER = 'io.confluent.connect.json.Enum'

export interface JsonSchemaOptions {
  readonly additionalProperties: boolean
  readonly optionalForNonRequired: boolean
  readonly decimalFormat: 'BASE64' | 'NUMERIC'
  readonly ignoreDefaultForNullables: boolean
  readonly generalSumTypes: boolean
  readonly flattenSingletonUnions: boolean
  readonly scrubInvalidNames: boolean
}
