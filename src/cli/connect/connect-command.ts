/**
 * `scamander connect`: the REST API of a worker for people and scripts. Works with any worker that
 * has Kafka Connect's API.
 * Tables for people, `--json` for scripts; results on standard output, nothing else there.
 * Spec: connect-rest 2, 20; style, Errors (exit codes).
 */
import type { Command } from 'commander'
import { type CommandContext, examples } from '../command-context.ts'
import { addActionCommands } from './action-commands.ts'
import { type ConnectOptions, clientOf } from './client-options.ts'
import { listConnectors, showConfig, showStatus, showTopics } from './connector-views.ts'
import { addFileCommands } from './file-commands.ts'
import { addLoggersCommand } from './loggers-command.ts'
import { addOffsetsCommand } from './offsets-command.ts'
import { addPluginCommands } from './plugin-commands.ts'

export function addConnectCommand(program: Command, context: CommandContext): void {
  const connect = program
    .command('connect')
    .summary('manage the connectors of a running worker')
    .description(
      'Calls the REST API of a worker. The login comes from SCAMANDER_TOKEN, or from SCAMANDER_USER and SCAMANDER_PASSWORD; ' +
        'the address from --url or SCAMANDER_URL. Exit codes: 0 done, 1 the worker failed, 2 refused or wrong settings, 4 no answer.',
    )
    .option('--url <url>', 'address of the REST API (default: http://127.0.0.1:8083)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'scamander connect list',
        'scamander connect apply -f connectors/',
        'scamander connect restart users-sink --tasks --only-failed',
        'scamander connect offsets get users-sink',
      ),
    )
  addViewCommands(connect, context)
  addFileCommands(connect, context)
  addActionCommands(connect, context)
  addOffsetsCommand(connect, context)
  addPluginCommands(connect, context)
  addLoggersCommand(connect, context)
}

function addViewCommands(connect: Command, context: CommandContext): void {
  connect
    .command('list')
    .description('Lists the connectors with their states.')
    .action(async (_options, command: Command) => {
      await listConnectors(optionsOf(command, context))
    })
  connect
    .command('status')
    .description('Shows connectors and tasks with their states and traces.')
    .argument('[name...]', 'connectors; all when none is given')
    .option('--trace', 'show whole traces')
    .action(async (names: string[], options: { trace?: boolean }, command: Command) => {
      const isFull = options.trace === true
      context.exitCode = await showStatus(optionsOf(command, context), names, isFull)
    })
  connect
    .command('config')
    .description('Prints the configuration of a connector as JSON; secrets read [hidden].')
    .argument('<name>', 'connector')
    .action(async (name: string, _options, command: Command) => {
      await showConfig(optionsOf(command, context), name)
    })
  connect
    .command('topics')
    .description('Lists the topics that a connector has used.')
    .argument('<name>', 'connector')
    .option('--reset', 'empty the list')
    .action(async (name: string, options: { reset?: boolean }, command: Command) => {
      await showTopics(optionsOf(command, context), name, options.reset === true)
    })
}

function optionsOf(command: Command, context: CommandContext) {
  return clientOf(command.optsWithGlobals<ConnectOptions>(), context)
}
