/**
 * The version of this product, read once from package.json beside `src` or `dist`.
 * Told by `--version`, the status of connectors, the list of plugins and the metrics.
 * Invariant: the only place that knows the version, so a release changes one file.
 */
import { readFileSync } from 'node:fs'

const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')

export const PRODUCT_VERSION = (JSON.parse(text) as { version: string }).version
