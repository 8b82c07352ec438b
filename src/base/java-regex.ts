/**
 * Java regular expressions and replacement texts, as far as the runtime's own engine has them.
 * Used by topics.regex, the transform RegexRouter and the predicate TopicNameMatches.
 * Translated: `\Q…\E`, `\A`, `\Z`, `\z`, `\h`, POSIX classes such as `\p{Alpha}`, leading flags
 * such as `(?i)`. Not available: possessive quantifiers, atomic groups, class intersections.
 * Invariant: what cannot be translated is refused when it is compiled, never matched differently.
 */

/** A regular expression or replacement that cannot be used; the message tells why. */
export class JavaRegexError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'JavaRegexError'
  }
}

const CLASSES: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1f\\x7f',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0b\\f\\r',
}

export class JavaRegex {
  /** Matches whole texts only; for those who need the runtime's own kind of expression. */
  readonly whole: RegExp
  readonly #first: RegExp
  readonly groupCount: number
  readonly groupNames: readonly string[]

  /** Throws JavaRegexError. */
  constructor(pattern: string) {
    const { source, flags } = translate(pattern)
    this.whole = compile(`^(?:${source})$`, flags)
    this.#first = compile(source, flags)
    const probe = compile(`${source}|`, flags).exec('')
    this.groupCount = (probe?.length ?? 1) - 1
    this.groupNames = Object.keys(probe?.groups ?? {})
  }

  /** True when the whole text matches. */
  matches(text: string): boolean {
    return this.whole.test(text)
  }

  /** The first match, not necessarily of the whole text, replaced. */
  replaceFirst(text: string, replacement: JavaReplacement): string {
    const match = this.#first.exec(text)
    if (match === null) return text
    const end = match.index + match[0].length
    return text.slice(0, match.index) + replacement.expand(match) + text.slice(end)
  }
}

type Piece = string | { readonly group: number | string }

/** `$1`, `${name}`, `\$`: compiled against the groups of its expression. */
export class JavaReplacement {
  readonly #pieces: readonly Piece[]

  /** Throws JavaRegexError when it names a group that the expression does not have. */
  constructor(text: string, regex: JavaRegex) {
    this.#pieces = parseReplacement(text, regex)
  }

  expand(match: RegExpExecArray): string {
    return this.#pieces
      .map(piece => {
        if (typeof piece === 'string') return piece
        const { group } = piece
        return (typeof group === 'number' ? match[group] : match.groups?.[group]) ?? ''
      })
      .join('')
  }
}

function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw new JavaRegexError(error instanceof Error ? error.message : String(error))
  }
}

function translate(pattern: string): { source: string; flags: string } {
  const leading = /^\(\?([ismu]+)\)/.exec(pattern)
  const flags = [...new Set((leading?.[1] ?? '').replace('u', ''))].join('')
  let source = ''
  let depth = 0
  for (let at = leading?.[0].length ?? 0; at < pattern.length; ) {
    const char = pattern[at]!
    if (char === '\\') {
      const escaped = translateEscape(pattern, at, depth > 0)
      source += escaped.source
      at = escaped.next
      continue
    }
    if (depth > 0 && pattern.startsWith('&&', at)) {
      throw new JavaRegexError('intersections of character classes are not supported')
    }
    // A class inside a class is a union in Java; the runtime's engine would read a literal.
    if (char === '[' && depth > 0)
      throw new JavaRegexError('nested character classes are not supported')
    if (char === '[') depth = 1
    else if (char === ']') depth = 0
    source += char
    at++
  }
  return { source, flags }
}

function translateEscape(
  pattern: string,
  at: number,
  isInClass: boolean,
): { source: string; next: number } {
  const next = pattern[at + 1]
  if (next === undefined) throw new JavaRegexError('Unexpected internal error: \\ at the end')
  if (next === 'Q') {
    const end = pattern.indexOf('\\E', at + 2)
    const text = pattern.slice(at + 2, end < 0 ? undefined : end)
    const source = text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
    return { source, next: end < 0 ? pattern.length : end + 2 }
  }
  if (next === 'p' || next === 'P') return translateClass(pattern, at, isInClass)
  const anchors: Readonly<Record<string, string>> = { A: '^', Z: '$', z: '$' }
  const anchor = isInClass ? undefined : anchors[next]
  if (anchor !== undefined) return { source: anchor, next: at + 2 }
  if (next === 'h') return { source: isInClass ? ' \\t\\xA0' : '[ \\t\\xA0]', next: at + 2 }
  if (/[A-Za-z]/.test(next) && !/[bBdDsSwWtnrfxukc]/.test(next)) {
    throw new JavaRegexError(`Illegal/unsupported escape sequence \\${next}`)
  }
  return { source: `\\${next}`, next: at + 2 }
}

function translateClass(
  pattern: string,
  at: number,
  isInClass: boolean,
): { source: string; next: number } {
  const match = /^\\([pP])\{(?:Is)?(\w+)\}/.exec(pattern.slice(at))
  const chars = match === null ? undefined : CLASSES[match[2]!]
  if (match === null || chars === undefined || (isInClass && match[1] === 'P')) {
    throw new JavaRegexError('Unknown character property name')
  }
  const source = isInClass ? chars : `[${match[1] === 'P' ? '^' : ''}${chars}]`
  return { source, next: at + match[0].length }
}

function parseReplacement(text: string, regex: JavaRegex): Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < text.length; ) {
    const char = text[at]!
    if (char === '\\') {
      const next = text[at + 1]
      if (next === undefined) throw new JavaRegexError('character to be escaped is missing')
      pieces.push(next)
      at += 2
    } else if (char === '$') {
      const reference = readReference(text, at, regex)
      pieces.push({ group: reference.group })
      at = reference.next
    } else {
      pieces.push(char)
      at++
    }
  }
  return pieces
}

/** Digits belong to the number as long as such a group exists. */
function readReference(
  text: string,
  at: number,
  regex: JavaRegex,
): { group: number | string; next: number } {
  const named = /^\$\{([A-Za-z][A-Za-z0-9]*)\}/.exec(text.slice(at))
  if (named !== null) {
    const name = named[1]!
    if (!regex.groupNames.includes(name)) throw new JavaRegexError(`No group with name {${name}}`)
    return { group: name, next: at + named[0].length }
  }
  let next = at + 1
  if (!/\d/.test(text[next] ?? '')) throw new JavaRegexError('Illegal group reference')
  let group = Number(text[next++])
  if (group > regex.groupCount) throw new JavaRegexError(`No group ${group}`)
  while (/\d/.test(text[next] ?? '')) {
    const longer = group * 10 + Number(text[next])
    if (longer > regex.groupCount) break
    group = longer
    next++
  }
  return { group, next }
}
