/**
 * A statement as it may stand in a log: literals are replaced by `?`, the rest is kept, shortened.
 * Called when a write reached one cluster only.
 * Invariant: no text, number, blob or UUID of the statement appears in the result.
 */
import { CqlTokenizer, TOKEN } from './tokenizer.ts'

const SHOWN_MAX = 300

export function shapeOf(text: string): string {
  const token = new CqlTokenizer(text)
  const parts: string[] = []
  let length = 0
  while (token.next() !== TOKEN.END && length < SHOWN_MAX) {
    const isLiteral =
      token.kind === TOKEN.STRING || token.kind === TOKEN.NUMBER || isUuidPart(token)
    const part = isLiteral ? '?' : token.value
    parts.push(part)
    length += part.length + 1
  }
  const shown = parts.join(' ').replace(/ ?([().,;:]) ?/g, '$1')
  return shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}…` : shown
}

/** Parts of a UUID may look like words. */
function isUuidPart({ text, start, end }: CqlTokenizer): boolean {
  const isBesideDash = text[start - 1] === '-' || text[end] === '-'
  return isBesideDash && /^[0-9a-f]+$/i.test(text.slice(start, end))
}
