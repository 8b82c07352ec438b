/**
 * Bundles the program into dist/app: what users run. One file per entry and shared chunks beside
 * them, so that a worker loads what it needs and nothing else; sources stay runnable as they are.
 * Started by scripts/launch/build.mjs with the pinned Node, and by `npm run build`.
 * Invariants: dist/app is two folders below the root, as the sources' folders are, and flat, so that
 * paths relative to a module hold in both; main.js is written last and is newer than every source.
 * See docs/adr/0001-runtime-and-launcher.md.
 */
import { rmSync, utimesSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Modules that are started as threads or processes of their own, beside the program itself. */
const ENTRIES = {
  main: 'src/main.ts',
  holder: 'src/sandbox/holder.ts',
  'agent-worker': 'src/source/cdc/agent/agent-worker.ts',
  'membership-thread': 'src/connect/distributed/membership-thread.ts',
  'task-thread': 'src/connect/threads/task-thread.ts',
  'proxy-worker': 'src/proxy/proxy-worker.ts',
}

/** Of this library a small part is used; loading all of it costs 40 MB. Others stay packages. */
const BUNDLED = '@platformatic/kafka'

/** Its clients check their options with ajv, and it has a log of its own; we use neither. 15 MB in every thread. */
const STAND_INS: Readonly<Record<string, string>> = {
  'ajv/dist/2020.js': `export class Ajv2020 {
    addKeyword() { return this }
    compile() { return () => { throw new Error('clients of ${BUNDLED} are not part of the bundle') } }
  }`,
  debug: 'export default () => () => undefined',
}

/** What the library loads: stand-ins, and packages that count only where a name of theirs is used. */
const lean: Plugin = {
  name: 'lean',
  resolveId(source, importer) {
    if (importer?.includes(`/${BUNDLED}/`) !== true || /^[./]|^node:/.test(source)) return null
    if (source in STAND_INS) return `\0${source}`
    return { id: source, external: true, moduleSideEffects: false }
  },
  load: id => STAND_INS[id.slice(1)] ?? null,
}

const startedAt = new Date()
rmSync(join(root, 'dist/app'), { recursive: true, force: true })
const bundle = await rolldown({
  cwd: root,
  input: ENTRIES,
  platform: 'node',
  plugins: [lean],
  // What its clients set up when they are loaded is not used: we speak its raw requests.
  treeshake: { moduleSideEffects: id => !id.includes(`/${BUNDLED}/`) && !id.startsWith('ajv') },
  external: id =>
    /^[^./\0]/.test(id) && !id.startsWith(BUNDLED) && !id.startsWith(root) && !(id in STAND_INS),
})
await bundle.write({
  dir: join(root, 'dist/app'),
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  sourcemap: true,
})
await bundle.close()
// A source that changes while the bundle is made makes it stale.
utimesSync(join(root, 'dist/app/main.js'), startedAt, startedAt)
