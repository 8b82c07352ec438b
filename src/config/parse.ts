/**
 * The two everyday views of a declaration: settings or every problem at once (`parseConfig`), and
 * the findings alone (`lintConfig`).
 * Called by components at start, by `scamander lint` and by the runtime before anything is opened.
 */
import type { AnyConfig, Config, Fields, Settings } from './define-config.ts'
import { CONFIG_ERRORS, ConfigError } from './errors.ts'
import { type EvaluateOptions, evaluateConfig } from './evaluate.ts'
import { hasErrors, type Lint } from './lint.ts'
import type { ConfigSource } from './source.ts'

export interface ParsedConfig<S> {
  readonly settings: S
  /** Findings that do not stop a start; each is logged once. */
  readonly warnings: readonly Lint[]
}

/** Throws one `ConfigError` with all problems. */
export function parseConfig<F extends Fields>(
  config: Config<F>,
  source: ConfigSource,
  options: EvaluateOptions = {},
): ParsedConfig<Settings<F>> {
  const { settings, lints } = evaluateConfig(config, source, options)
  throwOnErrors(lints, { name: config.name, source })
  return { settings, warnings: lints }
}

export function throwOnErrors(
  lints: readonly Lint[],
  of: { name: string; source: ConfigSource },
): void {
  if (!hasErrors(lints)) return
  const errors = lints.filter(lint => lint.severity === 'error')
  throw new ConfigError(CONFIG_ERRORS.INVALID, errors, { title: of.source.file ?? of.name })
}

/** Errors and warnings, sorted by place. */
export function lintConfig(
  config: AnyConfig,
  source: ConfigSource,
  options: EvaluateOptions = {},
): readonly Lint[] {
  return evaluateConfig(config, source, options).lints
}
