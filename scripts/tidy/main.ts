/**
 * `npm run tidy`: enforces the house style that neither the compiler nor the linter sees.
 * Prints one line per finding, `path:line message`, and exits with 1 when there is any.
 * Also fails when the generated reference pages are stale (scripts/docs/main.ts --check).
 * Spec: style, Parts 2 and 3; the rules as data are in rules.ts.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { checkDead } from './check-dead.ts'
import { checkFiles } from './check-files.ts'
import { checkRooms } from './check-rooms.ts'
import { RULES } from './rules.ts'
import { type Finding, readTree } from './tree.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = readTree(root)
const findings: Finding[] = [
  ...checkRooms(files, RULES),
  ...checkFiles(files, RULES),
  ...checkDead(files, RULES),
].sort((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1))

for (const { path, line, message, warning } of findings) {
  const text = `${path}:${line} ${warning === true ? 'warning: ' : ''}${message}`
  process.stdout.write(`${text}\n`)
}
const docs = spawnSync(process.execPath, ['scripts/docs/main.ts', '--check'], {
  cwd: root,
  stdio: 'inherit',
})
const errorCount = findings.filter(finding => finding.warning !== true).length
process.exitCode = errorCount > 0 || docs.status !== 0 ? 1 : 0
