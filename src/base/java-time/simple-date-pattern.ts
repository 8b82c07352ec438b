/**
 * Compiles a SimpleDateFormat pattern (`yyyy-MM-dd'T'HH:mm:ss.SSSX`) into literals and fields.
 * Called when settings are compiled, never per record. The letters differ from those of
 * DateTimeFormatter: `u` is the ISO day of the week, `S` counts milliseconds, `L` and `c` differ.
 * Invariant: every text that Java refuses is a PatternError that names the letter.
 * Spec: java.text.SimpleDateFormat, "Date and Time Patterns".
 */
import { PatternError } from './pattern.ts'

export const DATE_LETTERS = 'GyYMLwWDdFEuaHkKhmsSzZX'

export type DateLetter =
  | 'G'
  | 'y'
  | 'Y'
  | 'M'
  | 'L'
  | 'w'
  | 'W'
  | 'D'
  | 'd'
  | 'F'
  | 'E'
  | 'u'
  | 'a'
  | 'H'
  | 'k'
  | 'K'
  | 'h'
  | 'm'
  | 's'
  | 'S'
  | 'z'
  | 'Z'
  | 'X'

export type PatternPart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'field'; readonly letter: DateLetter; readonly count: number }

const ISO_ZONE_LETTERS_MAX = 3

/** Literals and fields in order; neighbouring literals are one. */
export function compileSimplePattern(pattern: string): readonly PatternPart[] {
  const parts: PatternPart[] = []
  let literal = ''
  let at = 0
  const flush = () => {
    if (literal !== '') parts.push({ kind: 'literal', text: literal })
    literal = ''
  }
  while (at < pattern.length) {
    const char = pattern[at]!
    if (char === "'") {
      const quoted = readQuoted(pattern, at)
      literal += quoted.text
      at = quoted.next
    } else if (/[A-Za-z]/.test(char)) {
      flush()
      const start = at
      while (pattern[at] === char) at++
      parts.push(fieldOf(char, at - start))
    } else {
      literal += char
      at++
    }
  }
  flush()
  return parts
}

/** A literal in quotes; two quotes are one, inside and alone. */
function readQuoted(pattern: string, start: number): { text: string; next: number } {
  if (pattern[start + 1] === "'") return { text: "'", next: start + 2 }
  let text = ''
  for (let at = start + 1; at < pattern.length; at++) {
    const char = pattern[at]!
    if (char !== "'") text += char
    else if (pattern[at + 1] === "'") {
      text += "'"
      at++
    } else return { text, next: at + 1 }
  }
  throw new PatternError('Unterminated quote')
}

function fieldOf(letter: string, count: number): PatternPart {
  if (!isDateLetter(letter)) throw new PatternError(`Illegal pattern character '${letter}'`)
  if (letter === 'X' && count > ISO_ZONE_LETTERS_MAX) {
    throw new PatternError(`invalid ISO 8601 format: length=${count}`)
  }
  return { kind: 'field', letter, count }
}

function isDateLetter(letter: string): letter is DateLetter {
  return DATE_LETTERS.includes(letter)
}
