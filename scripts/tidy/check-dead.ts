/**
 * Finds modules of src that nothing reaches: not from an entry point, a door, or the parts list.
 * Called by main.ts. A door (index.ts) of a room counts as reached, because the rooms are also the
 * package's libraries; a test alone keeps no module alive.
 * Spec: style, Tools (`tidy` checks dead files).
 */
import type { Rules } from './rules.ts'
import { type Finding, isTest, type SourceFile } from './tree.ts'

const DOOR = /^src\/[^/]+\/index\.ts$/
const BESIDE = /^src\/[^/]+\.ts$/
/** Support of the tests beside it. */
const TEST_SUPPORT = /\/test-[a-z-]+\.ts$/

export function checkDead(files: readonly SourceFile[], rules: Rules): Finding[] {
  const byPath = new Map(files.map(file => [file.path, file]))
  const modules = files.filter(file => file.path.startsWith('src/') && !isTest(file.path))
  const reached = new Set<string>()
  const open = modules
    .map(file => file.path)
    .filter(path => DOOR.test(path) || BESIDE.test(path) || rules.entryPoints.includes(path))
  for (const file of files) {
    if (!file.path.startsWith('src/') && !isTest(file.path)) open.push(...targetsOf(file))
  }
  while (open.length > 0) {
    const path = open.pop()
    if (path === undefined || reached.has(path)) continue
    reached.add(path)
    const file = byPath.get(path)
    if (file !== undefined) open.push(...targetsOf(file))
  }
  return modules
    .filter(file => !reached.has(file.path) && !isExempt(file.path, rules))
    .map(file => ({ path: file.path, line: 1, message: 'nothing imports this module' }))
}

function targetsOf(file: SourceFile): string[] {
  return file.imports.flatMap(one => (one.target === undefined ? [] : [one.target]))
}

function isExempt(path: string, rules: Rules): boolean {
  if (TEST_SUPPORT.test(path)) return true
  return path.startsWith('src/ui/') || path.endsWith('.d.ts') || rules.deadExceptions.has(path)
}
