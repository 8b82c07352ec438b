/**
 * Reads a configuration file of either form: JSON when the text starts with a brace (or the file
 * is called .json), Java properties otherwise. Used by the CLI and the standalone runtime.
 * Files are small and read once at start, hence synchronously.
 */
import { readFileSync } from 'node:fs'
import { CONFIG_ERRORS, ConfigError } from './errors.ts'
import { readJsonConfig } from './json-source.ts'
import { readProperties } from './properties.ts'
import type { ConfigSource } from './source.ts'

/** Throws `ConfigError` for an unreadable file or broken text. */
export function readConfigFile(path: string): ConfigSource {
  return readConfigText(readTextFile(path), path)
}

export function readConfigText(text: string, file?: string): ConfigSource {
  const isJson = /^\uFEFF?\s*[{[]/.test(text) || file?.toLowerCase().endsWith('.json') === true
  return isJson ? readJsonConfig(text, file) : readProperties(text, file)
}

/** A Java properties file, e.g. the worker's. */
export function readPropertiesFile(path: string): ConfigSource {
  return readProperties(readTextFile(path), path)
}

function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable'
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    const problem = {
      kind: 'syntax' as const,
      severity: 'error' as const,
      key: path,
      message: `The file ${path} ${reason}`,
      location: { file: path },
    }
    throw new ConfigError(CONFIG_ERRORS.UNREADABLE, [problem], { title: path, cause })
  }
}
