/**
 * All commands of the product, declared. Built for every run, and by `npm run docs`, which writes
 * docs/reference/cli.md from it.
 * Invariant: building has no effect; an action only sets the exit code of its context.
 */
import { Command } from 'commander'
import { PRODUCT_VERSION } from '../base/product-version.ts'
import { addAdvrepCommand } from './advrep/advrep-command.ts'
import { addCdcAgentCommand } from './cdc-agent-command.ts'
import { addCdcCommand } from './cdc-command.ts'
import { addCommonOptions, type CommandContext, examples } from './command-context.ts'
import { addCompletionCommand } from './completion-command.ts'
import { addConnectCommand } from './connect/connect-command.ts'
import { addConvertCommand } from './convert-command.ts'
import { addDemoCommand } from './demo-command.ts'
import { addDistributedCommand } from './distributed-command.ts'
import { addDlqCommand } from './dlq-command.ts'
import { addHelpConfigCommand } from './help-config-command.ts'
import { addLintCommand } from './lint-command.ts'
import { addMigrateCommand } from './migrate-command.ts'
import { addProxyCommand } from './proxy-command.ts'
import { addProxyReplayCommand } from './proxy-replay-command.ts'
import { addSandboxCommand } from './sandbox-command.ts'
import { addStandaloneCommand } from './standalone-command.ts'
import { addValidateCommand } from './validate-command.ts'

/** Commands that write to the process's own streams; for documentation. */
export const PROCESS_CONTEXT: CommandContext = {
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  exitCode: 0,
}

export function buildProgram(context: CommandContext = PROCESS_CONTEXT): Command {
  const program = new Command('scamander')
    .description('Moves data in and out of Apache Cassandra, live.')
    .version(PRODUCT_VERSION, '-V, --version', 'print the version')
    .helpCommand(true)
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
  addStandaloneCommand(program, context)
  addDistributedCommand(program, context)
  addConnectCommand(program, context)
  addDlqCommand(program, context)
  addLintCommand(program, context)
  addConvertCommand(program, context)
  addHelpConfigCommand(program, context)
  addMigrateCommand(program, context)
  addValidateCommand(program, context)
  addProxyCommand(program, context)
  addProxyReplayCommand(program, context)
  addDemoCommand(program, context)
  addSandboxCommand(program, context)
  addCdcCommand(program, context)
  addCdcAgentCommand(program, context)
  addAdvrepCommand(program, context)
  addCompletionCommand(program, context)
  return program
}
