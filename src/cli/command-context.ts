/**
 * What every command is given: the streams, the common options, and the place of its exit code.
 * Made by `run.ts` for a real run and by tests with streams of their own.
 * Commands never end the process by themselves; they return their exit code.
 */
import { type Command, Option } from 'commander'
import { LEVELS, type Level, type Logger } from '../telemetry/index.ts'
import { makeLogger } from './log-output.ts'

export interface CommandContext {
  /** Results. */
  out(text: string): void
  /** Messages for people. */
  err(text: string): void
  exitCode: number
}

export interface CommonOptions {
  readonly debug?: boolean
  readonly logLevel?: Level
  readonly logFormat?: 'text' | 'json'
}

/** Options of the program that every command understands. */
export function addCommonOptions(program: Command): Command {
  return program
    .option('--debug', 'show stacks of errors, and log at level debug')
    .addOption(new Option('--log-level <level>', 'least level that is logged').choices(LEVELS))
    .addOption(
      new Option(
        '--log-format <format>',
        'form of log lines; text on a terminal, else json',
      ).choices(['text', 'json']),
    )
}

export function loggerOf(options: CommonOptions): Logger {
  const level = options.logLevel ?? (options.debug === true ? 'debug' : 'info')
  const format = options.logFormat ?? (process.stderr.isTTY ? 'text' : 'json')
  return makeLogger({ level, format })
}

/** The examples of a command, below its help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map(line => `  $ ${line}`).join('\n')}\n`
}
