/**
 * Loads every declaration of the product and collects the pages that follow from them.
 * Called by main.ts. Rooms are found by glob, so a new room needs no line here.
 * Invariant: declarations are loaded from the sources, never from a build.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { declaredErrors } from '../../src/base/scamander-error.ts'
import { type AnyConfig, renderDocs } from '../../src/config/index.ts'
import type { Herder } from '../../src/connect/index.ts'
import {
  type CaptureWindow,
  capturePageRoutes,
  captureRoutes,
  restRoutes,
} from '../../src/server/index.ts'
import type { Capture } from '../../src/source/index.ts'
import { declaredMetrics, Logger, MetricRegistry } from '../../src/telemetry/index.ts'
import {
  CAPTURE_ROUTES,
  markGenerated,
  renderCommands,
  renderErrors,
  renderMetrics,
  renderRoutes,
} from './pages.ts'

/** Path below docs/reference to the whole text of the page. */
export type Pages = Map<string, string>

const COMMANDS = 'src/cli/index.ts'

export async function collectPages(root: string): Promise<Pages> {
  for (const path of globSync('src/**/{errors,metrics}.ts', { cwd: root })) await load(root, path)
  const pages: Pages = new Map()
  for (const path of configModules(root)) {
    for (const config of Object.values(await load(root, path)).filter(isConfig)) {
      pages.set(`config/${config.name}.md`, markGenerated(renderDocs(config), `\`${path}\``))
    }
  }
  const commands = globSync(COMMANDS, { cwd: root })[0]
  if (commands !== undefined) {
    const { buildProgram } = await load(root, commands)
    if (typeof buildProgram === 'function') {
      pages.set('cli.md', renderCommands((await buildProgram()) as Command))
    }
  }
  pages.set('errors.md', renderErrors(declaredErrors()))
  pages.set('metrics.md', renderMetrics(declaredMetrics()))
  pages.set('rest.md', renderRoutes(allRoutes()))
  pages.set('rest-capture.md', renderRoutes(captureCalls(), CAPTURE_ROUTES))
  return pages
}

/** Routes are made, never called: they need no worker. */
function allRoutes() {
  const registry = new MetricRegistry()
  return restRoutes({ herder: {} as Herder, logger: Logger.silent(), registry })
}

function captureCalls() {
  return [...captureRoutes({} as Capture), ...capturePageRoutes({} as Capture, {} as CaptureWindow)]
}

/** Modules that declare settings, in a stable order. */
function configModules(root: string): string[] {
  return globSync('src/**/*.ts', { cwd: root })
    .filter(path => !path.endsWith('.test.ts') && !path.startsWith('src/config/'))
    .filter(path => /= defineConfig\(/.test(readFileSync(join(root, path), 'utf8')))
    .sort()
}

async function load(root: string, path: string): Promise<Record<string, unknown>> {
  return (await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>
}

function isConfig(value: unknown): value is AnyConfig {
  return typeof value === 'object' && value !== null && 'fields' in value && 'crossCheck' in value
}
