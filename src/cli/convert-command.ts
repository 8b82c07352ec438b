/**
 * `scamander convert config`: a sink's configuration in the other dialect, in the form of the given
 * file. What has no equivalent is told on standard error, and the exit code then is 2.
 * Connects to nothing; references to secrets stay references.
 * Spec: cassandra-sink 10.7; style, Errors (exit codes).
 */
import { type Command, Option } from 'commander'
import { ScamanderError } from '../base/scamander-error.ts'
import { findConnectorClass } from '../catalog.ts'
import { type ConfigSource, readConfigFile } from '../config/index.ts'
import { isFrameworkKey } from '../connect/index.ts'
import {
  CONVERSION_TARGETS,
  type ConversionTarget,
  convertSinkConfig,
  type SinkConversion,
} from '../sink/index.ts'
import { type CommandContext, examples } from './command-context.ts'
import { CLI_ERRORS } from './errors.ts'

export function addConvertCommand(program: Command, context: CommandContext): void {
  const convert = program
    .command('convert')
    .summary('translate configurations')
    .description('Translates configurations between the dialects of connectors.')
  convert
    .command('config')
    .summary('translate a sink configuration')
    .description(
      'Prints the configuration of a Cassandra sink in another dialect, as a file of the same form. ' +
        'What behaves differently and what has no equivalent is told on standard error; exit code 2 when something has none.',
    )
    .argument('<file>', 'connector file (.json, .properties)')
    .addOption(
      new Option('--to <dialect>', 'dialect to translate to')
        .choices(CONVERSION_TARGETS)
        .makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      examples(
        'scamander convert config orders-sink.properties --to datastax',
        'scamander convert config users-sink.json --to kcql > users-kcql.json',
      ),
    )
    .action((file: string, options: { to: ConversionTarget }) => {
      context.exitCode = convertFile(file, options.to, context)
    })
}

function convertFile(file: string, to: ConversionTarget, context: CommandContext): number {
  const source = readConfigFile(file)
  const given = source.entries.get('connector.class')?.value.trim() ?? ''
  const className = findConnectorClass(given, source)?.className ?? given
  const converted = convertSinkConfig(source, className, to)
  if (converted === undefined) {
    const message = `connector.class: expected a Cassandra sink, found ${given === '' ? 'none' : given} in ${file}`
    throw new ScamanderError(CLI_ERRORS.OPTION, message)
  }
  const { entries, unknown } = merged(source, converted)
  context.out(file.endsWith('.json') ? toJson(entries) : toProperties(entries))
  const lost = [...converted.remarks.filter(one => one.kind === 'lost')]
  for (const { kind, key, text } of converted.remarks) {
    context.err(`${kind === 'lost' ? 'no equivalent' : 'differs'}: ${key}: ${text}\n`)
  }
  for (const key of unknown) {
    context.err(`no equivalent: ${key}: the key is not known to ${className}\n`)
  }
  return lost.length + unknown.length > 0 ? 2 : 0
}

/** Keys of the framework as they are, in their order; then those of the dialect. */
function merged(source: ConfigSource, converted: SinkConversion) {
  const entries = new Map<string, string>()
  const unknown: string[] = []
  for (const [key, { value }] of source.entries) {
    if (key === 'connector.class') entries.set(key, converted.className)
    else if (converted.used.has(key)) continue
    else if (isFrameworkKey(key)) entries.set(key, value)
    else unknown.push(key)
  }
  for (const [key, value] of converted.entries) {
    if (key !== 'connector.class') entries.set(key, value)
  }
  return { entries, unknown }
}

function toJson(entries: ReadonlyMap<string, string>): string {
  const config = Object.fromEntries(entries)
  return `${JSON.stringify({ name: config['name'], config }, undefined, 2)}\n`
}

function toProperties(entries: ReadonlyMap<string, string>): string {
  const line = ([key, value]: [string, string]) =>
    `${escaped(key).replace(/[=: ]/g, '\\$&')}=${escaped(value).replace(/^ /, '\\ ')}\n`
  return [...entries].map(line).join('')
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
}
