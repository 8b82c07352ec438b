/**
 * Prepares a clone for `./scamander`: checks the running Node, installs and builds what is missing.
 * Started by `npm start`, and by the launcher when node_modules is older than package-lock.json or
 * nothing was built yet; prints only when there is something to do, and exits with a code that the
 * launcher passes on.
 * Plain JavaScript without dependencies: it runs on any Node >= 18 before anything is installed.
 */
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled } from './install.mjs'
import { LaunchError, Progress } from './progress.mjs'

const NODE_MAJOR_MIN = 18

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort())

try {
  const major = Number.parseInt(process.versions.node, 10)
  if (major < NODE_MAJOR_MIN) {
    throw new LaunchError(
      `expected Node ${NODE_MAJOR_MIN} or newer in PATH, found ${process.version}`,
    )
  }
  const progress = new Progress()
  await ensureInstalled(root, progress, stop.signal)
  if (!stop.signal.aborted) await ensureBuilt(root, progress, stop.signal)
} catch (error) {
  process.stderr.write(`scamander: ${error.message}\n`)
  process.exitCode = error instanceof LaunchError ? error.exitCode : 1
}
