/**
 * Configurations of connectors from files and folders, as `create`, `apply`, `diff` and `validate`
 * take them: JSON or Java properties, references to config providers left as they are.
 * Invariant: every file has a name, and no name twice; problems of all files are told together.
 * Spec: connect-rest 6 (forms of connector files).
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ScamanderError } from '../../base/scamander-error.ts'
import {
  CONFIG_ERRORS,
  ConfigError,
  type ConfigSource,
  type Lint,
  readConfigFile,
  toRecord,
} from '../../config/index.ts'
import { CLI_ERRORS } from '../errors.ts'

export interface ConnectorFile {
  readonly file: string
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  /** As written; undefined: running. */
  readonly initialState: string | undefined
}

const FILES_MAX = 10_000

export function readConnectorFiles(paths: readonly string[]): ConnectorFile[] {
  const files = paths.flatMap(filesOf)
  if (files.length === 0) {
    throw new ScamanderError(
      CLI_ERRORS.OPTION,
      '-f: expected .json or .properties files, found none',
    )
  }
  const problems: Lint[] = []
  const seen = new Map<string, string>()
  const out: ConnectorFile[] = []
  for (const file of files.slice(0, FILES_MAX)) {
    const source = attempt(file, problems)
    if (source === undefined) continue
    const name = source.entries.get('name')?.value.trim() ?? ''
    const other = seen.get(name)
    if (name === '') problems.push(problem(file, 'expected the name of the connector in "name"'))
    else if (other !== undefined)
      problems.push(problem(file, `connector ${name} is also in ${other}`))
    seen.set(name, file)
    out.push({ file, name, config: toRecord(source), initialState: source.initialState })
  }
  if (problems.length > 0)
    throw new ConfigError(CONFIG_ERRORS.INVALID, problems, { title: 'Files' })
  return out
}

/** A folder stands for its connector files, sorted; folders within are left out. */
function filesOf(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path]
  return readdirSync(path)
    .filter(name => /\.(json|properties)$/.test(name))
    .sort()
    .map(name => join(path, name))
}

function attempt(file: string, problems: Lint[]): ConfigSource | undefined {
  try {
    return readConfigFile(file)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

function problem(file: string, message: string): Lint {
  return { kind: 'invalid', severity: 'error', key: 'name', message, location: { file } }
}
