/**
 * `npm run docs`: writes docs/reference, and the schemas of the API's shapes, from the
 * declarations in the code.
 * With `--check` it writes nothing, names every stale page and exits with 1 when there is any;
 * `npm run tidy` calls it so.
 * Spec: style, Docs (reference pages are generated and never stale).
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collectPages } from './collect.ts'
import { renderShapes, SHAPES_FILE } from './shapes.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const reference = join(root, 'docs/reference')
const isCheck = process.argv.includes('--check')

const shapes = renderShapes(root)
const shapesPath = join(root, SHAPES_FILE)
if (!existsSync(shapesPath) || readFileSync(shapesPath, 'utf8') !== shapes) {
  if (isCheck) {
    process.stdout.write(`${SHAPES_FILE}:1 is stale: run "npm run docs"\n`)
    process.exitCode = 1
  } else writeFileSync(shapesPath, shapes)
}

const pages = await collectPages(root)
for (const [name, text] of pages) {
  const path = join(reference, name)
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  if (isCheck) reportStale(name, 'is stale')
  else {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    process.stdout.write(`docs/reference/${name} written\n`)
  }
}
for (const name of globSync('**/*.md', { cwd: reference })) {
  const isGenerated = readFileSync(join(reference, name), 'utf8').startsWith('<!-- generated from ')
  if (!isGenerated || pages.has(name)) continue
  if (isCheck) reportStale(name, 'belongs to nothing')
  else rmSync(join(reference, name))
}

function reportStale(name: string, what: string): void {
  process.stdout.write(`docs/reference/${name}:1 ${what}: run "npm run docs"\n`)
  process.exitCode = 1
}
