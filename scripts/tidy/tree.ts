/**
 * Reads the source tree once: the text and the imports of every file that tidy looks at.
 * Called by main.ts and by the checks' tests on fixture trees.
 * Invariant: paths are relative to the root, with forward slashes.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

export interface Import {
  /** As written: `./a.ts`, `node:fs`, `fastify`. */
  readonly specifier: string
  /** Path from the root for relative imports, otherwise undefined. */
  readonly target: string | undefined
  readonly line: number
  readonly typeOnly: boolean
}

export interface SourceFile {
  readonly path: string
  readonly lines: readonly string[]
  readonly imports: readonly Import[]
}

export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
  /** A warning is printed but does not fail the check. */
  readonly warning?: boolean
}

const PATTERNS = ['{src,scripts,test,bench,examples}/**/*.{ts,tsx,mjs}', '*.ts']
const STATIC = /^\s*(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/
const CLOSING = /^\}\s+from\s+['"]([^'"]+)['"]/
const DYNAMIC = /\b(?:import|new URL)\(\s*['"](\.[^'"]+)['"]/

export function readTree(root: string): SourceFile[] {
  const paths = globSync(PATTERNS, { cwd: root, exclude: ['**/node_modules/**'] })
  return paths
    .map(path => path.replaceAll('\\', '/'))
    .sort()
    .map(path => parseSource(path, readFileSync(join(root, path), 'utf8')))
}

export function parseSource(path: string, text: string): SourceFile {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const imports: Import[] = []
  let openTypeOnly = false
  for (const [index, line] of lines.entries()) {
    if (/^import type \{[^}]*$/.test(line)) openTypeOnly = true
    const found = importOf(line, openTypeOnly)
    if (found === undefined) continue
    openTypeOnly = false
    const { specifier, typeOnly } = found
    const isRelative = specifier.startsWith('.')
    const target = isRelative ? posix.join(dirname(path), specifier) : undefined
    imports.push({ specifier, target, line: index + 1, typeOnly })
  }
  return { path, lines, imports }
}

function importOf(line: string, openTypeOnly: boolean) {
  const whole = STATIC.exec(line)
  if (whole?.[2] !== undefined) return { specifier: whole[2], typeOnly: whole[1] !== undefined }
  const closing = CLOSING.exec(line)
  if (closing?.[1] !== undefined) return { specifier: closing[1], typeOnly: openTypeOnly }
  const dynamic = DYNAMIC.exec(line)
  return dynamic?.[1] === undefined ? undefined : { specifier: dynamic[1], typeOnly: false }
}

export function isTest(path: string): boolean {
  return /\.(test|it)\.ts$/.test(path) || path.startsWith('test/')
}

export function existsIn(root: string, path: string): boolean {
  return existsSync(join(root, path))
}
