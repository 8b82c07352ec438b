/**
 * Splits CQL statements into tokens, as far as reading CREATE and ALTER statements needs it.
 * Used by schema-file.ts. Comments disappear; texts, names and numbers keep their spelling.
 * Invariant: every character of the input is looked at once; nothing throws.
 */
export interface Token {
  readonly text: string
  readonly kind: 'name' | 'quoted' | 'string' | 'symbol'
  /** Where it stands in the file. */
  readonly start: number
  readonly end: number
}

const TOKEN =
  /\s+|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|(?<quoted>"(?:[^"]|"")*")|(?<string>'(?:[^']|'')*'|\$\$[\s\S]*?\$\$)|(?<name>[\w.+-]+)|(?<symbol>[\s\S])/gy

/** Tokens of the statements, one list each; semicolons end them. */
export function splitStatements(text: string): Token[][] {
  const out: Token[][] = []
  let current: Token[] = []
  for (const match of text.matchAll(TOKEN)) {
    const token = tokenOf(match)
    if (token === undefined) continue
    if (token.kind !== 'symbol' || token.text !== ';') current.push(token)
    else if (current.length > 0) {
      out.push(current)
      current = []
    }
  }
  if (current.length > 0) out.push(current)
  return out
}

/** Names with dots come in one piece from the pattern when unquoted; they are split by the reader. */
function tokenOf(match: RegExpExecArray): Token | undefined {
  const groups = match.groups ?? {}
  const start = match.index
  const end = start + match[0].length
  for (const kind of ['quoted', 'string', 'name', 'symbol'] as const) {
    const text = groups[kind]
    if (text !== undefined) return { text, kind, start, end }
  }
  return undefined
}
