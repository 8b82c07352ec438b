/**
 * Checks each file by itself: header, size, name, open to-dos, focused or unexplained skipped tests.
 * Called by main.ts. The texts that tidy looks for are put together from parts below, so that this
 * file does not find itself.
 * Spec: style, Part 3.
 */
import { basename } from 'node:path'
import type { Rules } from './rules.ts'
import { type Finding, isTest, type SourceFile } from './tree.ts'

const HEADER_LINES_MIN = 3
const HEADER_LINES_MAX = 12
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|prop\.test|it|config|d))?\.(ts|tsx|mjs)$/
/** Spelled apart, so that tidy does not find its own words. */
const OPEN_WORDS = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['XX', 'X'],
].map(parts => parts.join(''))
const OPEN_WORK = new RegExp(`\\b(${OPEN_WORDS.join('|')})\\b(?!\\s*\\(?#\\d)`)
const ONLY = new RegExp(`\\.${'only'}\\(`)
const SKIP = new RegExp(`\\.${'skip'}\\(`)

export function checkFiles(files: readonly SourceFile[], rules: Rules): Finding[] {
  return files.flatMap(file => [
    ...checkHeader(file),
    ...checkSize(file, rules),
    ...checkName(file, rules),
    ...checkLines(file),
  ])
}

function checkHeader(file: SourceFile): Finding[] {
  const needsHeader = /^(src|scripts)\//.test(file.path) && !isTest(file.path)
  if (!needsHeader) return []
  const at = (message: string) => [{ path: file.path, line: 1, message }]
  const first = file.lines[0]?.startsWith('#!') === true ? 1 : 0
  if (file.lines[first]?.startsWith('/**') !== true) return at('starts without a header comment')
  const end = file.lines.findIndex((line, index) => index >= first && line.includes('*/'))
  const isOneLine = end === first
  const count = isOneLine ? 1 : end - first - 1
  if (count >= HEADER_LINES_MIN && count <= HEADER_LINES_MAX) return []
  return at(
    `header has ${count} lines of text, expected ${HEADER_LINES_MIN} to ${HEADER_LINES_MAX}`,
  )
}

function checkSize(file: SourceFile, rules: Rules): Finding[] {
  const count = file.lines.length
  const reason = rules.sizeExceptions.get(file.path)
  if (count <= rules.linesQuestioned || reason !== undefined) return []
  const warning = count <= rules.linesMax
  const limit = warning ? rules.linesQuestioned : rules.linesMax
  return [{ path: file.path, line: limit + 1, message: `${count} lines, limit ${limit}`, warning }]
}

function checkName(file: SourceFile, rules: Rules): Finding[] {
  const name = basename(file.path)
  const at = (message: string) => [{ path: file.path, line: 1, message }]
  if (rules.forbiddenNames.has(name))
    return at(`${name} says nothing: name the file after its export`)
  if (file.path.startsWith('src/ui/') || KEBAB.test(name)) return []
  return at(`${name} is not kebab-case`)
}

function checkLines(file: SourceFile): Finding[] {
  const findings: Finding[] = []
  for (const [index, line] of file.lines.entries()) {
    const add = (message: string) => findings.push({ path: file.path, line: index + 1, message })
    if (OPEN_WORK.test(line)) add('an open to-do must name an issue: #123')
    if (!isTest(file.path)) continue
    if (ONLY.test(line)) add('a focused test hides the others')
    if (SKIP.test(line) && !hasReason(line)) add('a skipped test must give its reason as text')
  }
  return findings
}

/** `ctx.skip('reason')`, `ctx.skip(condition, 'reason')`, or a comment with the reason. */
function hasReason(line: string): boolean {
  return /\bskip\((?:.*,\s*)?['"`].{8,}['"`]\)/.test(line) || /\/\/ .{8,}/.test(line)
}
