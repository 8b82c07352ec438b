/**
 * Reads Java properties text with the place of every key.
 * Called by `readConfigText` and the file config provider.
 * Rules: `#` and `!` comments; first unescaped `=`, `:` or blank separates; an odd number of
 * backslashes at the end continues the line (leading blanks of the next line dropped); escapes
 * `\t \n \r \f \uXXXX`, any other `\x` is x; trailing blanks stay; the last duplicate wins.
 * Spec: connect-rest 6, cassandra-sink 1.2.
 */
import { CONFIG_ERRORS, ConfigError } from './errors.ts'
import type { Lint } from './lint.ts'
import type { ConfigEntry, ConfigSource } from './source.ts'
import { TextPositions } from './text-position.ts'

/** A logical line: its characters, and where each of them stands in the text. */
interface LogicalLine {
  text: string
  offsets: number[]
}

/** Throws `ConfigError` with every malformed escape. */
export function readProperties(text: string, file?: string): ConfigSource {
  const positions = new TextPositions(text, file)
  const entries = new Map<string, ConfigEntry>()
  const lints: Lint[] = []
  const broken: Lint[] = []
  for (const line of logicalLines(text)) {
    const { keyEnd, valueStart } = split(line.text)
    const badEscape = (at: number) =>
      broken.push({
        kind: 'syntax',
        severity: 'error',
        key: line.text.slice(0, keyEnd),
        message: 'Malformed \\uxxxx encoding.',
        expected: 'four hexadecimal digits after \\u',
        location: positions.at(line.offsets[at]!),
      })
    const key = unescapeText(line.text, 0, { end: keyEnd, badEscape })
    const value = unescapeText(line.text, valueStart, { end: line.text.length, badEscape })
    const location = positions.at(line.offsets[0]!)
    const earlier = entries.get(key)
    if (earlier !== undefined) {
      lints.push({
        kind: 'duplicate-key',
        severity: 'warning',
        key,
        message: `"${key}" is set more than once; the last one wins`,
        advice: 'Remove this entry or the later one.',
        ...(earlier.location === undefined ? {} : { location: earlier.location }),
      })
      entries.delete(key)
    }
    entries.set(key, { value, location })
  }
  if (broken.length > 0) throw new ConfigError(CONFIG_ERRORS.SYNTAX, broken, titleOf(file))
  return file === undefined ? { entries, lints } : { entries, lints, file }
}

function titleOf(file: string | undefined): { title?: string } {
  return file === undefined ? {} : { title: file }
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\f'
}

/** Logical lines with comments and empty lines left out and continuations joined. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  let open: LogicalLine | undefined
  while (at < text.length) {
    let end = at
    while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end++
    const next = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1
    let start = at
    while (start < end && isBlank(text[start])) start++
    at = next
    if (open === undefined && (start === end || text[start] === '#' || text[start] === '!')) {
      continue
    }
    const continues = trailingBackslashes(text, start, end) % 2 === 1
    const line: LogicalLine = open ?? { text: '', offsets: [] }
    appendTo(line, text, { start, end: continues ? end - 1 : end })
    open = continues ? line : undefined
    if (!continues && line.text !== '') yield line
  }
  if (open !== undefined && open.text !== '') yield open
}

function appendTo(line: LogicalLine, text: string, range: { start: number; end: number }): void {
  line.text += text.slice(range.start, range.end)
  for (let at = range.start; at < range.end; at++) line.offsets.push(at)
}

function trailingBackslashes(text: string, start: number, end: number): number {
  let count = 0
  while (end - 1 - count >= start && text[end - 1 - count] === '\\') count++
  return count
}

function split(text: string): { keyEnd: number; valueStart: number } {
  let at = 0
  while (at < text.length) {
    const char = text[at]
    if (char === '\\') {
      at += 2
      continue
    }
    if (char === '=' || char === ':' || isBlank(char)) break
    at++
  }
  const keyEnd = Math.min(at, text.length)
  let valueStart = keyEnd
  while (isBlank(text[valueStart])) valueStart++
  if (text[valueStart] === '=' || text[valueStart] === ':') valueStart++
  while (isBlank(text[valueStart])) valueStart++
  return { keyEnd, valueStart }
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescapeText(
  text: string,
  start: number,
  options: { end: number; badEscape: (at: number) => void },
): string {
  let out = ''
  for (let at = start; at < options.end; at++) {
    const char = text[at]!
    if (char !== '\\') {
      out += char
      continue
    }
    const next = text[++at]
    if (next === undefined || at >= options.end) break
    if (next !== 'u') {
      out += ESCAPES[next] ?? next
      continue
    }
    const digits = text.slice(at + 1, Math.min(at + 5, options.end))
    if (/^[0-9a-fA-F]{4}$/.test(digits)) {
      out += String.fromCharCode(Number.parseInt(digits, 16))
      at += 4
    } else options.badEscape(at - 1)
  }
  return out
}
