/**
 * `scamander lint`: every problem of configuration files at once, with its place. Connects to
 * nothing. Exit code 2 when there is an error; warnings alone end with 0.
 * Findings go to standard output, one per line: `file:line:column: severity: text`.
 * Spec: cassandra-sink 1.2, 1.3.
 */
import type { Command } from 'commander'
import {
  ConfigError,
  type ConfigSource,
  formatLint,
  formatLocation,
  type Lint,
  readConfigFile,
  readPropertiesFile,
} from '../config/index.ts'
import {
  evaluateConnector,
  evaluateWorker,
  frameworkConfigOf,
  type WorkerContext,
} from '../connect/index.ts'
import { type CommandContext, examples } from './command-context.ts'
import { type ExplainedKey, explainedText, explainKeys } from './explain-keys.ts'

/** Named secrets are known to the server that will run the connectors. */
const LATER = { secret: () => undefined }

interface LintOptions {
  readonly worker?: string
  readonly json?: boolean
  readonly explain?: boolean
}

export function addLintCommand(program: Command, context: CommandContext): void {
  program
    .command('lint')
    .summary('check configuration files')
    .description(
      'Checks files of connectors and workers and tells every problem at once, with its line. Connects to nothing. ' +
        'Exit code 2 when there is an error, 0 when there are warnings only.',
    )
    .argument('<file...>', 'connector files (.json, .properties) or worker files')
    .option('--worker <file>', 'properties of the worker that will run the connectors')
    .option('--json', 'print the findings as JSON')
    .option('--explain', 'tell what each key of connector files means')
    .addHelpText(
      'after',
      examples(
        'scamander lint users-sink.json',
        'scamander lint --worker worker.properties users-sink.json orders-sink.properties',
        'scamander lint --json users-sink.json | jq .findings',
        'scamander lint --explain orders-sink.properties',
      ),
    )
    .action((files: string[], options: LintOptions) => {
      context.exitCode = lint(files, options, context)
    })
}

function lint(files: readonly string[], options: LintOptions, context: CommandContext): number {
  const findings: Lint[] = []
  const worker = options.worker === undefined ? undefined : readWorker(options.worker, findings)
  for (const file of files) findings.push(...lintFile(file, worker))
  const errors = findings.filter(one => one.severity === 'error').length
  const warnings = findings.length - errors
  if (options.json === true) {
    const explained = options.explain === true ? { explained: files.flatMap(explainFile) } : {}
    context.out(`${JSON.stringify({ findings, errors, warnings, ...explained }, undefined, 2)}\n`)
  } else {
    for (const one of findings) context.out(`${toLine(one)}\n`)
    const count = files.length + (options.worker === undefined ? 0 : 1)
    context.out(`${summary(count, errors, warnings)}\n`)
    if (options.explain === true) {
      for (const file of files) context.out(`\n${file}\n${explainedText(explainFile(file))}`)
    }
  }
  return errors > 0 ? 2 : 0
}

function readWorker(file: string, findings: Lint[]): WorkerContext | undefined {
  try {
    const { config, lints } = evaluateWorker(readPropertiesFile(file), LATER)
    findings.push(...lints)
    return config
  } catch (error) {
    findings.push(...problemsOf(error))
    return undefined
  }
}

/** Nothing for a file that cannot be read: that is among the findings. */
function explainFile(file: string): readonly ExplainedKey[] {
  try {
    const source = readConfigFile(file)
    const { connectorClass } = evaluateConnector(source)
    const framework = frameworkConfigOf(connectorClass?.type ?? 'sink')
    const own = connectorClass === undefined ? [] : [connectorClass.config]
    return explainKeys(source, [...own, framework])
  } catch (error) {
    if (error instanceof ConfigError) return []
    throw error
  }
}

function lintFile(file: string, worker: WorkerContext | undefined): readonly Lint[] {
  try {
    const source = readConfigFile(file)
    if (isWorkerFile(source)) return evaluateWorker(source, LATER).lints
    return evaluateConnector(source, worker).lints
  } catch (error) {
    return problemsOf(error)
  }
}

/** A broken or missing file is a finding like any other. */
function problemsOf(error: unknown): readonly Lint[] {
  if (error instanceof ConfigError) return error.problems
  throw error
}

const WORKER_KEYS = ['offset.storage.file.filename', 'bootstrap.servers', 'listeners', 'group.id']

function isWorkerFile({ entries }: ConfigSource): boolean {
  const isConnector = ['connector.class', 'name', 'topics', 'topics.regex'].some(key =>
    entries.has(key),
  )
  return !isConnector && WORKER_KEYS.some(key => entries.has(key))
}

function toLine(finding: Lint): string {
  const { location, ...rest } = finding
  const place = formatLocation(location)
  return `${place === '' ? '' : `${place}: `}${finding.severity}: ${formatLint(rest)}`
}

function summary(files: number, errors: number, warnings: number): string {
  const checked = counted(files, 'file')
  if (errors + warnings === 0) return `${checked} checked, nothing to complain about`
  return `${checked} checked, ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
