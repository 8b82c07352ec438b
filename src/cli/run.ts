/**
 * One run of the command line: parse, call, print what went wrong, answer the exit code.
 * Called by main.ts for the process and by tests with streams of their own.
 * Invariant: no stack is printed unless --debug is given.
 * Spec: style, Errors (exit codes).
 */
import { type Command, CommanderError } from 'commander'
import type { CommandContext } from './command-context.ts'
import { errorText, exitCodeOf } from './error-text.ts'
import { buildProgram } from './program.ts'

export type Streams = Pick<CommandContext, 'out' | 'err'>

/** `args` without the program's name. */
export async function runCli(args: readonly string[], streams: Streams): Promise<number> {
  const context: CommandContext = { ...streams, exitCode: 0 }
  const program = await buildProgram(context, args)
  for (const command of allOf(program)) command.exitOverride()
  try {
    await program.parseAsync(withoutScriptOptions(args, context), { from: 'user' })
    return context.exitCode
  } catch (error) {
    // The parser has printed its message already.
    if (error instanceof CommanderError) return usageExitCode(error, args)
    context.err(errorText(error, args.includes('--debug')))
    return exitCodeOf(error)
  }
}

/** Wrong usage, where help or the replaced program tells the exit code. */
const USAGE_EXIT_CODES = new Map([
  ...['advrep', 'dse', 'cdc', 'cdc-agent'].map(name => [name, 2] as const),
  ['migrate', 3],
  ['validate', 3],
])

function usageExitCode(error: CommanderError, args: readonly string[]): number {
  if (error.exitCode === 0) return 0
  const command = args.find(arg => USAGE_EXIT_CODES.has(arg))
  return command === undefined ? error.exitCode : USAGE_EXIT_CODES.get(command)!
}

/** Errors that nobody waited for: one line, and the end. */
export function guardProcess(isDebug: boolean): void {
  const end = (error: unknown) => {
    process.stderr.write(errorText(error, isDebug))
    process.exit(1)
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
  // A reader that went away (| head) is no error.
  process.stdout.on('error', () => process.exit(0))
}

const SCRIPT_COMMANDS = new Set(['connect-standalone', 'connect-distributed'])
const SCRIPT_OPTIONS = new Map([
  ['-daemon', 0],
  ['-loggc', 0],
  ['-name', 1],
])

/** Kafka's start script takes options of its own in front of the files: they are left out. */
function withoutScriptOptions(args: readonly string[], context: CommandContext): string[] {
  if (!args.some(one => SCRIPT_COMMANDS.has(one))) return [...args]
  const out: string[] = []
  for (let index = 0; index < args.length; index++) {
    const count = SCRIPT_OPTIONS.get(args[index]!)
    if (count === undefined) out.push(args[index]!)
    else {
      context.err(`note: ${args[index]} is ignored; it stays in the foreground\n`)
      index += count
    }
  }
  return out
}

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)]
}
