/**
 * The JavaScript value of each CQL type, as the codecs take and give it.
 * boolean: boolean. tinyint smallint int float double: number. date: number, days since 1970-01-01.
 * bigint counter varint: bigint. timestamp: bigint, ms since the epoch. time: bigint, ns of the day.
 * text ascii uuid timeuuid inet: string. blob custom: Buffer. decimal: Decimal. duration: CqlDuration.
 * list set vector: array. map: array of [key, value]. tuple udt: array of values, null where missing.
 */
import type { Decimal } from '../../base/decimal.ts'
import type { CqlDuration } from './cql-type.ts'

export type CqlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | Decimal
  | CqlDuration
  | readonly CqlValue[]
