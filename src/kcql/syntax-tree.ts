/**
 * The typed syntax tree of KCQL. Made by `parseKcql`, printed by `printKcql`, read by the front
 * ends of sinks and sources. Data only; places are offsets into the parsed text.
 * Invariant: names are as meant, without their quotes; a clause is there at most once.
 * Spec: cassandra-sink 10.1.
 */
import type { ClauseName, ClauseShapes } from './clause-shapes.ts'

/** Offsets into the text: `text.slice(start, end)`. */
export interface KcqlSpan {
  readonly start: number
  readonly end: number
}

/** The target or the source of a statement: a topic, a table, or `keyspace.table`. */
export interface KcqlName {
  readonly text: string
  readonly at: KcqlSpan
}

/** `a.b.c`, or `a.b.*` when `wildcard`. A step may hold any character when it was quoted. */
export interface KcqlPath {
  readonly steps: readonly string[]
  readonly wildcard: boolean
  readonly at: KcqlSpan
}

export type KcqlExpression =
  | { readonly kind: 'all' }
  | { readonly kind: 'path'; readonly path: KcqlPath }
  | { readonly kind: 'function'; readonly name: string; readonly arguments: readonly KcqlColumn[] }

export interface KcqlColumn {
  readonly expression: KcqlExpression
  readonly alias: string | undefined
  readonly at: KcqlSpan
}

/** `names INTO count BUCKETS` */
export interface KcqlBuckets {
  readonly names: readonly string[]
  readonly count: number
}

/** `NAME (key=value, …)` */
export interface KcqlStore {
  readonly name: string
  readonly settings: readonly KcqlSetting[]
}

export interface KcqlSetting {
  readonly key: string
  readonly value: string
  readonly at: KcqlSpan
}

/** What a clause of each shape holds. */
export interface ShapeValues {
  readonly flag: true
  readonly count: number
  readonly word: string
  readonly format: KcqlFormat
  readonly delimiter: string
  readonly path: KcqlPath
  readonly paths: readonly KcqlPath[]
  readonly names: readonly string[]
  readonly buckets: KcqlBuckets
  readonly timestamp: string
  readonly store: KcqlStore
  readonly settings: readonly KcqlSetting[]
  /** The text between the parentheses, as written. */
  readonly raw: string
  readonly sample: { readonly count: number; readonly every: number }
}

export const KCQL_FORMATS = ['AVRO', 'PROTOBUF', 'TEXT', 'BINARY', 'JSON', 'OBJECT', 'MAP'] as const
export type KcqlFormat = (typeof KCQL_FORMATS)[number]

export interface KcqlClause<T> {
  readonly value: T
  readonly at: KcqlSpan
}

/** The clauses that a statement has, by their name in upper case. */
export type KcqlClauses = {
  readonly [N in ClauseName]?: KcqlClause<ShapeValues[ClauseShapes[N]]>
}

interface Selection {
  readonly columns: readonly KcqlColumn[]
  readonly source: KcqlName
  readonly ignore: readonly KcqlPath[]
  readonly clauses: KcqlClauses
  readonly at: KcqlSpan
}

export interface KcqlInsert extends Selection {
  readonly kind: 'insert'
  readonly verb: 'INSERT' | 'UPSERT' | 'UPDATE'
  /** The field of `UPSERT PK field INTO`. */
  readonly upsertKey: string | undefined
  readonly target: KcqlName
}

export interface KcqlSelect extends Selection {
  readonly kind: 'select'
}

export type KcqlStatement = KcqlInsert | KcqlSelect
