/**
 * Builds the web page from src/ui into dist/ui, compressed beside each file for the server.
 * Started by scripts/launch/build.mjs with the pinned Node, by `npm run build` and `build:ui`.
 * Invariants: files of the last build are served until the new ones are complete; index.html is
 * newer than no source that changed while it was built.
 * Spec: ui 6 (static files), 7.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { build } from 'vite'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const made = join(root, 'dist', `ui-${process.pid}`)
const served = join(root, 'dist/ui')
/** Below this a compressed copy saves nothing. */
const COMPRESS_BYTES_MIN = 1024
/** All that the first screen needs is one file: parts that other screens share are no files of their own. */
const FIRST = { name: 'first', tags: ['$initial' as const] }

// Whatever the shell says: another value bundles the slow development build of React.
process.env['NODE_ENV'] = 'production'

const startedAt = new Date()
mkdirSync(made, { recursive: true })
try {
  await build({
    configFile: false,
    root: join(root, 'src/ui'),
    base: '/ui/',
    logLevel: 'warn',
    plugins: [react()],
    build: {
      outDir: made,
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1000,
      rolldownOptions: { output: { codeSplitting: { groups: [FIRST] } } },
    },
    html: { cspNonce: '__NONCE__' },
  })
  const assets = join(made, 'assets')
  for (const name of readdirSync(assets)) compress(join(assets, name))
  utimesSync(join(made, 'index.html'), startedAt, startedAt)
  rmSync(served, { recursive: true, force: true })
  renameSync(made, served)
} finally {
  rmSync(made, { recursive: true, force: true })
}

function compress(path: string): void {
  const bytes = readFileSync(path)
  if (bytes.length < COMPRESS_BYTES_MIN) return
  writeFileSync(`${path}.br`, brotliCompressSync(bytes))
  writeFileSync(`${path}.gz`, gzipSync(bytes))
}
