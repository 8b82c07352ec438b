/**
 * Where in a text a byte offset is, as people count: lines and columns from 1.
 * Used by error messages about JSON texts and configuration files, never on a hot path.
 * Invariant: columns count characters (UTF-8 code points), not bytes.
 */
export interface TextLocation {
  readonly line: number
  readonly column: number
}

/** The location of `bytes[offset]` in the text that begins at `start`. */
export function locate(bytes: Buffer, offset: number, start = 0): TextLocation {
  let line = 1
  let column = 1
  const end = Math.min(offset, bytes.length)
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte === 0x0a) {
      line++
      column = 1
    } else if ((byte & 0xc0) !== 0x80) column++
  }
  return { line, column }
}

/** What stands at `offset`, for a message, without showing data: only punctuation is quoted. */
export function describeFound(bytes: Buffer, offset: number, end: number): string {
  if (offset >= end) return 'the end of the text'
  const byte = bytes[offset]!
  if (byte < 0x20) return 'a control character'
  if (byte === 0x20) return 'a blank'
  if (byte >= 0x30 && byte <= 0x39) return 'a digit'
  if (byte >= 0x80) return 'a non-ASCII character'
  const character = String.fromCharCode(byte)
  return /[A-Za-z]/.test(character) ? 'a letter' : `'${character}'`
}
