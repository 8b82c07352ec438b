/**
 * The clauses of KCQL as data: name and shape of what follows the name. The parser, the printer
 * and the types of the syntax tree derive from this table; a new clause is a new line.
 * Invariant: every name here is a keyword, hence no bare name of a column.
 * Spec: cassandra-sink 10.1.
 */
import type { ShapeValues } from './syntax-tree.ts'

export type ClauseShape = keyof ShapeValues

/** In the order in which they are printed, which is the order that old readers demand. */
export const CLAUSE_SHAPES = {
  AUTOCREATE: 'flag',
  WITHSTRUCTURE: 'flag',
  PK: 'paths',
  WITHTARGET: 'path',
  AUTOEVOLVE: 'flag',
  BATCH: 'count',
  CAPITALIZE: 'flag',
  INITIALIZE: 'flag',
  PROJECTTO: 'count',
  PARTITIONBY: 'paths',
  NOPARTITION: 'flag',
  DISTRIBUTEBY: 'buckets',
  CLUSTERBY: 'buckets',
  WITHTIMESTAMP: 'timestamp',
  TIMESTAMPUNIT: 'word',
  WITHFORMAT: 'format',
  WITHUNWRAP: 'flag',
  STOREAS: 'store',
  WITHTAG: 'raw',
  INCREMENTALMODE: 'word',
  WITHTYPE: 'word',
  WITHDOCTYPE: 'word',
  WITHINDEXSUFFIX: 'word',
  TTL: 'count',
  WITHCONVERTER: 'word',
  WITHJMSSELECTOR: 'word',
  WITHGROUP: 'word',
  WITHOFFSET: 'raw',
  SAMPLE: 'sample',
  WITHKEY: 'names',
  KEYDELIMITER: 'delimiter',
  WITHPIPELINE: 'word',
  WITHCOMPRESSION: 'word',
  WITHPARTITIONER: 'word',
  WITHSUBSCRIPTION: 'word',
  WITHREGEX: 'word',
  WITHDELAY: 'count',
  WITH_FLUSH_INTERVAL: 'count',
  WITH_FLUSH_SIZE: 'count',
  WITH_FLUSH_COUNT: 'count',
  WITH_SCHEMA_EVOLUTION: 'word',
  WITH_TABLE_LOCATION: 'word',
  LIMIT: 'count',
  PROPERTIES: 'settings',
} as const satisfies Readonly<Record<string, ClauseShape>>

export type ClauseShapes = typeof CLAUSE_SHAPES
export type ClauseName = keyof ClauseShapes

export const CLAUSE_NAMES = Object.keys(CLAUSE_SHAPES) as readonly ClauseName[]

/** The clause of a word in any case. */
export function clauseOf(word: string): ClauseName | undefined {
  const name = word.toUpperCase()
  return Object.hasOwn(CLAUSE_SHAPES, name) ? (name as ClauseName) : undefined
}

const OTHER_KEYWORDS = [
  'INSERT',
  'UPSERT',
  'UPDATE',
  'INTO',
  'SELECT',
  'FROM',
  'IGNORE',
  'AS',
  'EVERY',
  'BUCKETS',
]
const KEYWORDS = new Set<string>([...OTHER_KEYWORDS, ...CLAUSE_NAMES])

/** Words that cannot be bare names; a mixed case, as in `Limit`, was never a keyword. */
export function isReserved(word: string): boolean {
  const upper = word.toUpperCase()
  return KEYWORDS.has(upper) && (word === upper || word === word.toLowerCase())
}
