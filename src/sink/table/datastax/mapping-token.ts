/**
 * Splits the text of a `mapping` setting into tokens with their places.
 * Called by the mapping parser only. Never fails: what no rule accepts becomes a token of its own,
 * so that the parser can name it. The last token is always `end`.
 * Spec: cassandra-sink 4.1 (WORD, QUOTED; blanks, tabs, CR and LF between tokens do not count).
 */
export type MappingTokenKind =
  | 'word'
  | 'quoted'
  | 'equals'
  | 'comma'
  | 'dot'
  | 'open'
  | 'close'
  | 'unclosed'
  | 'other'
  | 'end'

export interface MappingToken {
  readonly kind: MappingTokenKind
  /** As written. */
  readonly text: string
  /** Without quotes and with `""` as one quote. */
  readonly value: string
  readonly line: number
  readonly column: number
}

const TOKEN = /[ \t\r\n]+|[A-Za-z0-9_]+|"(?:[^"]|"")+"|".*$|./gsu
const SIGNS: Readonly<Record<string, MappingTokenKind>> = {
  '=': 'equals',
  ',': 'comma',
  '.': 'dot',
  '(': 'open',
  ')': 'close',
}

export function tokenizeMapping(text: string): MappingToken[] {
  const tokens: MappingToken[] = []
  let line = 1
  let lineStart = 0
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    const piece = match[0]
    const kind = kindOf(piece)
    if (kind !== undefined) {
      const value = kind === 'quoted' ? piece.slice(1, -1).replaceAll('""', '"') : piece
      tokens.push({ kind, text: piece, value, line, column: match.index - lineStart + 1 })
    }
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) {
      line++
      lineStart = match.index + at + 1
    }
    end = match.index + piece.length
  }
  tokens.push({ kind: 'end', text: '', value: '', line, column: end - lineStart + 1 })
  return tokens
}

/** Undefined for blanks. */
function kindOf(piece: string): MappingTokenKind | undefined {
  if (/^[ \t\r\n]/.test(piece)) return undefined
  if (/^[A-Za-z0-9_]/.test(piece)) return 'word'
  if (piece.startsWith('"')) return /^"(?:[^"]|"")+"$/.test(piece) ? 'quoted' : 'unclosed'
  return SIGNS[piece] ?? 'other'
}
