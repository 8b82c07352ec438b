/**
 * Checks which file imports what: room levels, doors of rooms, and owners of libraries.
 * Called by main.ts. Type-only imports count too: a level is about knowing, not about loading.
 * Tests of a room follow the same rules, except that they may use their fellow rooms' doors freely
 * from the `test/` folder.
 * Spec: style, Part 2, Rooms.
 */
import type { Rules } from './rules.ts'
import type { Finding, Import, SourceFile } from './tree.ts'

export function checkRooms(files: readonly SourceFile[], rules: Rules): Finding[] {
  const findings: Finding[] = []
  for (const file of files) {
    for (const one of file.imports) {
      const message = libraryMessage(file, one, rules) ?? roomMessage(file, one, rules)
      if (message !== undefined) findings.push({ path: file.path, line: one.line, message })
    }
  }
  return findings
}

/** Shapes of the REST API: types only, importable by every room. */
const API_SHAPES = /^api(?:-v1(?:-[a-z]+)?)?\.ts$/

function libraryMessage(file: SourceFile, one: Import, rules: Rules): string | undefined {
  if (one.target !== undefined) return undefined
  const parts = one.specifier.split('/')
  const name = one.specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]
  const owners = rules.libraries.get(name ?? '')
  if (owners === undefined || owners.some(owner => file.path.startsWith(owner))) return undefined
  return `${name} may be imported only in ${owners.join(', ')}`
}

function roomMessage(file: SourceFile, one: Import, rules: Rules): string | undefined {
  const from = roomOf(file.path)
  const to = one.target === undefined ? undefined : roomOf(one.target)
  if (one.target === undefined || to === undefined || from === to) return undefined
  if (to !== undefined && API_SHAPES.test(to)) return undefined
  if (from === 'ui') return `ui may import only src/api*.ts, not ${to}`
  const levelTo = rules.levels.get(to)
  if (levelTo === undefined) return `${to} is not a room of scripts/tidy/rules.ts`
  if (from !== undefined) {
    const levelFrom = API_SHAPES.test(from) ? 0 : rules.levels.get(from)
    if (levelFrom === undefined) return `${from} is not a room of scripts/tidy/rules.ts`
    const isAllowed = levelTo < levelFrom || rules.sideways.has(`${from} ${to}`)
    if (!isAllowed) return `${from} (level ${levelFrom}) must not import ${to} (level ${levelTo})`
    return doorMessage(one.target, to, rules)
  }
  return file.path.startsWith('scripts/docs/')
    ? undefined
    : testDoorMessage(file, one.target, to, rules)
}

function doorMessage(target: string, room: string, rules: Rules): string | undefined {
  if (room.endsWith('.ts') || rules.openRooms.has(room)) return undefined
  const door = `src/${room}/index.ts`
  return target === door ? undefined : `import ${room} through ${door}`
}

/** Tests and benchmarks may reach into a room's protocol details only below test/golden. */
function testDoorMessage(
  file: SourceFile,
  target: string,
  room: string,
  rules: Rules,
): string | undefined {
  if (file.path.startsWith('test/golden/') || file.path.startsWith('bench/micro/')) return undefined
  return doorMessage(target, room, rules)
}

/** The folder below src, or the file's own name for the files beside the rooms. */
export function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)/.exec(path)?.[1]
}
