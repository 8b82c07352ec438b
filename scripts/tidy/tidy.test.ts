import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkDead } from './check-dead.ts'
import { checkFiles } from './check-files.ts'
import { checkRooms } from './check-rooms.ts'
import { RULES } from './rules.ts'
import { parseSource, readTree } from './tree.ts'

const HEADER = '/**\n * One.\n * Two.\n * Three.\n */\n'

function tree(sources: Record<string, string>) {
  return Object.entries(sources).map(([path, text]) => parseSource(path, text))
}

describe('imports', () => {
  it.each([
    ["import { a } from './b.ts'", './b.ts', false],
    ["import type { A } from '../b/index.ts'", '../b/index.ts', true],
    ["import './b.ts'", './b.ts', false],
    ["export * from './b.ts'", './b.ts', false],
    ["import {\n  a,\n} from './b.ts'", './b.ts', false],
    ["import type {\n  A,\n} from './b.ts'", './b.ts', true],
    ["const m = await import('./b.ts')", './b.ts', false],
    ["new Worker(new URL('./b.ts', import.meta.url))", './b.ts', false],
    ["import fs from 'node:fs'", 'node:fs', false],
  ])('finds the import of %j', (text, specifier, typeOnly) => {
    const { imports } = parseSource('src/flow/a.ts', `${text}\n`)
    expect(imports.map(one => [one.specifier, one.typeOnly])).toEqual([[specifier, typeOnly]])
  })

  it('does not take text for an import', () => {
    const { imports } = parseSource(
      'src/flow/a.ts',
      "// import { a } from './b.ts'\nconst from = 'x'\n",
    )
    expect(imports).toEqual([])
  })

  it('resolves a relative import from the root', () => {
    const { imports } = parseSource('src/sink/table/a.ts', "import '../../flow/index.ts'\n")
    expect(imports[0]?.target).toBe('src/flow/index.ts')
  })
})

describe('rooms', () => {
  it.each([
    ['src/flow/a.ts', '../base/clock.ts', undefined],
    ['src/flow/a.ts', '../telemetry/index.ts', undefined],
    ['src/flow/a.ts', '../cql/index.ts', 'flow (level 2) must not import cql (level 2)'],
    ['src/flow/a.ts', '../sink/index.ts', 'flow (level 2) must not import sink (level 4)'],
    ['src/sink/table/a.ts', '../../cql/index.ts', undefined],
    ['src/sink/table/a.ts', '../../cql/frame/a.ts', 'import cql through src/cql/index.ts'],
    ['src/sink/table/a.ts', '../topic/b.ts', undefined],
    ['src/catalog.ts', './sink/index.ts', undefined],
    ['src/connect/a.ts', '../catalog.ts', undefined],
    [
      'src/pipeline/a.ts',
      '../catalog.ts',
      'pipeline (level 4) must not import catalog.ts (level 4.5)',
    ],
    ['src/base/a.ts', '../api.ts', undefined],
    ['src/cli/a.ts', '../server/index.ts', undefined],
    ['src/ui/a.ts', '../flow/index.ts', 'ui may import only src/api*.ts, not flow'],
    ['src/flow/a.ts', '../kitchen/index.ts', 'kitchen is not a room of scripts/tidy/rules.ts'],
    [
      'test/contract/a.test.ts',
      '../../src/sink/table/a.ts',
      'import sink through src/sink/index.ts',
    ],
    ['test/golden/a.test.ts', '../../src/cql/frame/a.ts', undefined],
    [
      'src/sink/a.ts',
      '@platformatic/kafka',
      '@platformatic/kafka may be imported only in src/kafka/, test/, bench/',
    ],
    ['src/kafka/a.ts', '@platformatic/kafka', undefined],
    [
      'src/sink/a.ts',
      'cassandra-driver/lib/x.js',
      'cassandra-driver may be imported only in src/cassandra/, scripts/golden/, test/, bench/',
    ],
  ])('%s importing %s', (path, specifier, message) => {
    const findings = checkRooms(tree({ [path]: `import '${specifier}'\n` }), RULES)
    expect(findings.map(finding => finding.message)).toEqual(message === undefined ? [] : [message])
  })
})

describe('files', () => {
  it.each<[string, string, readonly string[]]>([
    ['src/flow/a.ts', HEADER, []],
    ['src/flow/a.ts', `#!/usr/bin/env node\n${HEADER}`, []],
    ['src/flow/a.ts', 'const a = 1\n', ['starts without a header comment']],
    ['src/flow/a.ts', '/** One. */\n', ['header has 1 lines of text, expected 3 to 12']],
    [
      'src/flow/a.ts',
      `/**\n${' * line\n'.repeat(13)} */\n`,
      ['header has 13 lines of text, expected 3 to 12'],
    ],
    ['src/flow/a.test.ts', 'const a = 1\n', []],
    ['src/flow/utils.ts', HEADER, ['utils.ts says nothing: name the file after its export']],
    ['src/flow/aB.ts', HEADER, ['aB.ts is not kebab-case']],
    ['src/flow/a.prop.test.ts', '', []],
    ['src/flow/a.ts', `${HEADER}// ${'TO'}DO later\n`, ['an open to-do must name an issue: #123']],
    ['src/flow/a.ts', `${HEADER}// ${'TO'}DO #12 later\n`, []],
    ['src/flow/a.test.ts', `it.${'only'}('a')\n`, ['a focused test hides the others']],
    [
      'src/flow/a.test.ts',
      `it.${'skip'}('a', f)\n`,
      ['a skipped test must give its reason as text'],
    ],
    ['src/flow/a.test.ts', `ctx.${'skip'}('needs three nodes')\n`, []],
    ['src/flow/a.ts', `${HEADER}${'a\n'.repeat(296)}`, ['301 lines, limit 300']],
    ['src/flow/a.ts', `${HEADER}${'a\n'.repeat(496)}`, ['501 lines, limit 500']],
  ])('%s: %j', (path, text, messages) => {
    const findings = checkFiles(tree({ [path]: text }), RULES)
    expect(findings.map(finding => finding.message)).toEqual(messages)
  })

  it('only warns between the two size limits', () => {
    const warn = checkFiles(tree({ 'src/flow/a.ts': `${HEADER}${'a\n'.repeat(300)}` }), RULES)
    expect(warn[0]).toMatchObject({ warning: true, line: 301 })
    const fail = checkFiles(tree({ 'src/flow/a.ts': `${HEADER}${'a\n'.repeat(600)}` }), RULES)
    expect(fail[0]).toMatchObject({ warning: false, line: 501 })
  })
})

describe('dead files', () => {
  it('finds modules that only a test imports, and keeps what doors and scripts reach', () => {
    const files = tree({
      'src/flow/index.ts': "export * from './used.ts'\n",
      'src/flow/used.ts': "import '../base/deep.ts'\n",
      'src/flow/dead.ts': '',
      'src/flow/dead.test.ts': "import './dead.ts'\n",
      'src/base/deep.ts': '',
      'src/base/scripted.ts': '',
      'scripts/docs/main.ts': "import '../../src/base/scripted.ts'\n",
    })
    expect(checkDead(files, RULES).map(finding => finding.path)).toEqual(['src/flow/dead.ts'])
  })
})

describe('readTree', () => {
  it('reads sources by path from the root and leaves installed packages out', () => {
    const root = mkdtempSync(join(tmpdir(), 'scamander-tidy-'))
    try {
      for (const path of ['src/flow/a.ts', 'src/node_modules/b.ts', 'scripts/c.mjs', 'docs/d.ts']) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), "import './z.ts'\n")
      }
      expect(readTree(root).map(file => file.path)).toEqual(['scripts/c.mjs', 'src/flow/a.ts'])
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})
