/**
 * CQL types as plain data: what the schema declares and what the protocol's [option] carries.
 * Compared with `formatCqlType`. Values of each kind in JavaScript are listed at `CqlValue`.
 * Spec: native protocol v5, section 4.2.5.2 (result metadata).
 */
export type PrimitiveKind =
  | 'ascii'
  | 'bigint'
  | 'blob'
  | 'boolean'
  | 'counter'
  | 'date'
  | 'decimal'
  | 'double'
  | 'duration'
  | 'float'
  | 'inet'
  | 'int'
  | 'smallint'
  | 'text'
  | 'time'
  | 'timestamp'
  | 'timeuuid'
  | 'tinyint'
  | 'uuid'
  | 'varint'

export interface UdtField {
  readonly name: string
  readonly type: CqlType
}

export type CqlType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: 'custom'; readonly className: string }
  | { readonly kind: 'list' | 'set'; readonly element: CqlType; readonly frozen: boolean }
  | {
      readonly kind: 'map'
      readonly key: CqlType
      readonly value: CqlType
      readonly frozen: boolean
    }
  | { readonly kind: 'tuple'; readonly elements: readonly CqlType[] }
  | {
      readonly kind: 'udt'
      readonly keyspace: string
      readonly name: string
      readonly fields: readonly UdtField[]
      readonly frozen: boolean
    }
  | { readonly kind: 'vector'; readonly element: CqlType; readonly dimension: number }

/** Months, days and nanoseconds, all of one sign or zero. */
export interface CqlDuration {
  readonly months: number
  readonly days: number
  readonly nanoseconds: bigint
}
