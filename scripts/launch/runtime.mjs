/**
 * Finds the Node that runs Scamander's own code: SCAMANDER_NODE, the one pinned by the npm platform
 * package, or the running one when it is new enough. Used by the test runner; `./scamander` makes
 * the same choice in shell, to save a process.
 * Plain JavaScript without dependencies: it runs on any Node >= 18 before anything is installed.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchError } from './progress.mjs'

export const NODE_MAJOR = 24

/**
 * @param {string} root
 * @returns {string} path of the executable
 */
export function pickNode(root) {
  const named = process.env.SCAMANDER_NODE
  if (named) return named
  const pinnedName = `node-${process.platform}-${process.arch}`
  const pinned = join(root, 'node_modules', pinnedName, 'bin', 'node')
  if (existsSync(pinned)) return pinned
  if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) return process.execPath
  throw new LaunchError(
    `no Node ${NODE_MAJOR} was found (${pinnedName} is not installed, running ${process.version}).\n` +
      `Install Node ${NODE_MAJOR} or newer, or name one in SCAMANDER_NODE.`,
  )
}
