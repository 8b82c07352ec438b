/**
 * All commands of the product, declared. Built for every run, and by `npm run docs`, which writes
 * docs/reference/cli.md from it.
 * A run loads the code of its own command only: it starts sooner and stays smaller.
 * Invariant: building has no effect; an action only sets the exit code of its context.
 */
import { Command } from 'commander'
import { PRODUCT_VERSION } from '../base/product-version.ts'
import { addCommonOptions, type CommandContext, examples } from './command-context.ts'
import { addHelpCommand } from './help-command.ts'

type AddCommand = (program: Command, context: CommandContext) => void

/** In the order of the help. */
const COMMANDS: ReadonlyMap<string, () => Promise<AddCommand>> = new Map([
  ['start', async () => (await import('./start-command.ts')).addStartCommand],
  ['job', async () => (await import('./job-command.ts')).addJobCommand],
  ['connection', async () => (await import('./job-command.ts')).addConnectionCommand],
  [
    'connect-standalone',
    async () => (await import('./standalone-command.ts')).addStandaloneCommand,
  ],
  [
    'connect-distributed',
    async () => (await import('./distributed-command.ts')).addDistributedCommand,
  ],
  ['connect', async () => (await import('./connect/connect-command.ts')).addConnectCommand],
  ['dlq', async () => (await import('./dlq-command.ts')).addDlqCommand],
  ['lint', async () => (await import('./lint-command.ts')).addLintCommand],
  ['convert', async () => (await import('./convert-command.ts')).addConvertCommand],
  ['help-config', async () => (await import('./help-config-command.ts')).addHelpConfigCommand],
  ['migrate', async () => (await import('./migrate-command.ts')).addMigrateCommand],
  ['validate', async () => (await import('./validate-command.ts')).addValidateCommand],
  ['migration', async () => (await import('./migration-command.ts')).addMigrationCommand],
  ['proxy', async () => (await import('./proxy-command.ts')).addProxyCommand],
  ['proxy-replay', async () => (await import('./proxy-replay-command.ts')).addProxyReplayCommand],
  ['demo', async () => (await import('./demo-command.ts')).addDemoCommand],
  ['sandbox', async () => (await import('./sandbox-command.ts')).addSandboxCommand],
  ['cdc', async () => (await import('./cdc-command.ts')).addCdcCommand],
  ['cdc-agent', async () => (await import('./cdc-agent-command.ts')).addCdcAgentCommand],
  ['advrep', async () => (await import('./advrep/advrep-command.ts')).addAdvrepCommand],
  ['completion', async () => (await import('./completion-command.ts')).addCompletionCommand],
])

/** They tell of every command. */
const NEED_ALL = new Set(['completion', 'help'])

/** Commands that write to the process's own streams; for documentation. */
export const PROCESS_CONTEXT: CommandContext = {
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  exitCode: 0,
}

/** `args`: as given; without them, or when they name no command, every command is there. */
export async function buildProgram(
  context: CommandContext = PROCESS_CONTEXT,
  args: readonly string[] = [],
): Promise<Command> {
  const program = new Command('scamander')
    .description('Moves data in and out of Apache Cassandra, live.')
    .version(PRODUCT_VERSION, '-V, --version', 'print the version')
    .showHelpAfterError('Run with --help for the usage.')
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .addHelpText(
      'after',
      examples(
        'scamander demo',
        'scamander lint users-sink.json',
        'scamander connect-standalone worker.properties users-sink.json',
      ),
    )
  addCommonOptions(program)
  for (const load of loadersFor(args)) (await load())(program, context)
  addHelpCommand(program)
  return program
}

function loadersFor(args: readonly string[]): Iterable<() => Promise<AddCommand>> {
  const named = args.find(arg => COMMANDS.has(arg) || NEED_ALL.has(arg))
  const own = named === undefined || NEED_ALL.has(named) ? undefined : COMMANDS.get(named)
  return own === undefined ? COMMANDS.values() : [own]
}
