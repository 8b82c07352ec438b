/**
 * Splits KCQL into tokens with their places. Called by the cursor of the parser only.
 * Never fails: what no rule accepts becomes a token of its own, so that the parser can name it.
 * Names with signs, such as `my.topic-1`, are put together by the parser: only targets and sources
 * may have them. The last token is always `end`.
 * Spec: cassandra-sink 10.1.
 */
export type KcqlTokenKind = 'word' | 'quoted' | 'unclosed' | 'sign' | 'end'

export interface KcqlToken {
  readonly kind: KcqlTokenKind
  /** As written. */
  readonly text: string
  /** Without quotes. */
  readonly value: string
  readonly start: number
  readonly end: number
}

const TOKEN = /\s+|[A-Za-z0-9@_]+|`[^`]+`|'[^'\r\n]*'|[`'][^\r\n]*|./gsu

export function tokenizeKcql(text: string): KcqlToken[] {
  const tokens: KcqlToken[] = []
  for (const match of text.matchAll(TOKEN)) {
    const piece = match[0]
    const kind = kindOf(piece)
    if (kind === undefined) continue
    const value = kind === 'quoted' ? piece.slice(1, -1) : piece
    tokens.push({ kind, text: piece, value, start: match.index, end: match.index + piece.length })
  }
  tokens.push({ kind: 'end', text: '', value: '', start: text.length, end: text.length })
  return tokens
}

/** Undefined for blanks. */
function kindOf(piece: string): KcqlTokenKind | undefined {
  if (/^\s/.test(piece)) return undefined
  if (/^[A-Za-z0-9@_]/.test(piece)) return 'word'
  if (/^(`[^`]+`|'[^'\r\n]*')$/.test(piece)) return 'quoted'
  return /^[`']/.test(piece) ? 'unclosed' : 'sign'
}
