/**
 * What a CQL statement of a person does, told from its words: reads, changes, or deletes, and on which
 * object. Called before it is sent anywhere.
 * Invariants: exactly one statement; what is not known to be a read counts as a change; what takes
 * something away names the object that a person has to type; no comment is sent, so that the server
 * cannot take for a statement what was taken for a comment here.
 * Spec: ui 4.5, 5.7 (CQL).
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { BROWSE_ERRORS } from './errors.ts'

export interface CqlStatement {
  readonly kind: 'read' | 'write' | 'delete'
  /** In capitals: SELECT, INSERT, ALTER TABLE, … */
  readonly verb: string
  /** What it is done to, as the statement names it without quotes; empty: nothing that has a name. */
  readonly object: string
  /** Without comments and the semicolon behind it. */
  readonly text: string
}

const READS = new Set(['SELECT', 'DESCRIBE', 'DESC', 'LIST'])
/** Text, quoted names, comments, dollar texts; then words and signs. */
const TOKENS =
  /'(?:[^']|'')*'|\$\$[\s\S]*?\$\$|"(?:[^"]|"")*"|--[^\n\r]*|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/|[\w.]+|\s+|[\s\S]/g
const COMMENT = /^(--|\/\/|\/\*)/
const BYTES_MAX = 64 * 1024

export function readCqlStatement(cql: string): CqlStatement {
  if (Buffer.byteLength(cql) > BYTES_MAX) throw refused(`expected at most ${BYTES_MAX} bytes`)
  const parts = (cql.match(TOKENS) ?? []).map(one => (COMMENT.test(one) ? ' ' : one))
  const tokens = parts.filter(one => one.trim() !== '')
  while (tokens.at(-1) === ';') tokens.pop()
  const verb = (tokens[0] ?? '').toUpperCase()
  if (verb === '') throw refused('expected a statement, found none')
  const isBatch = verb === 'BEGIN'
  if (!isBatch && tokens.includes(';')) throw refused('expected one statement, found several')
  if (verb === 'USE') throw refused('USE has no effect here: write the keyspace before the table')
  const text = parts
    .join('')
    .trim()
    .replace(/[;\s]+$/, '')
  const words = tokens.map(one => one.toUpperCase())
  if (READS.has(verb)) return { kind: 'read', verb, object: '', text }
  const kind = isDeleting(verb, words) ? 'delete' : 'write'
  // The first deletion of a batch is what its confirmation names.
  const behind = isBatch && kind === 'delete' ? ['FROM'] : BEFORE[verb]
  return { kind, verb: verbOf(verb, words), object: objectOf(behind, tokens), text }
}

function isDeleting(verb: string, words: readonly string[]): boolean {
  if (verb === 'DELETE' || verb === 'TRUNCATE' || verb === 'DROP' || verb === 'REVOKE') return true
  if (verb === 'BEGIN') return words.includes('DELETE')
  return verb === 'ALTER' && words.includes('DROP')
}

function verbOf(verb: string, words: readonly string[]): string {
  const hasKind = ['CREATE', 'ALTER', 'DROP'].includes(verb)
  return hasKind ? `${verb} ${words[1] ?? ''}`.trim() : verb
}

const NOISE = new Set(['IF', 'NOT', 'EXISTS'])
/** Behind which word the object stands. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  INSERT: ['INTO'],
  DELETE: ['FROM'],
  UPDATE: ['UPDATE'],
  BEGIN: ['FROM', 'INTO', 'UPDATE'],
  GRANT: ['ON'],
  REVOKE: ['ON'],
}
const KINDS =
  /^(TABLE|COLUMNFAMILY|KEYSPACE|SCHEMA|TYPE|ROLE|USER|FUNCTION|AGGREGATE|INDEX|CUSTOM|MATERIALIZED|VIEW)$/

function objectOf(before: readonly string[] | undefined, tokens: readonly string[]): string {
  const at =
    before === undefined ? 1 : tokens.findIndex(one => before.includes(one.toUpperCase())) + 1
  let i = at
  while (KINDS.test((tokens[i] ?? '').toUpperCase()) || NOISE.has((tokens[i] ?? '').toUpperCase()))
    i++
  return nameAt(tokens, i)
}

/** A quoted part and its dot are tokens of their own. */
function nameAt(tokens: readonly string[], start: number): string {
  let name = ''
  for (let i = start; i < tokens.length; i++) {
    const token = tokens[i] ?? ''
    const isPart = /^["\w.]/.test(token)
    const goesOn = name === '' || name.endsWith('.') || token.startsWith('.')
    if (!isPart || !goesOn) break
    const isQuoted = token.startsWith('"')
    name += isQuoted ? token.slice(1, -1).replaceAll('""', '"') : token.toLowerCase()
  }
  return name
}

function refused(message: string): ScamanderError {
  return new ScamanderError(BROWSE_ERRORS.STATEMENT, `cql: ${message}`, {
    context: { field: 'cql' },
  })
}
