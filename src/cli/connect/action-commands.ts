/**
 * The commands that change the state of connectors: `pause`, `resume`, `stop`, `restart`, `delete`.
 * Several names are done one after the other; the first refusal ends the command.
 * Spec: connect-rest 2.2.
 */
import type { Command } from 'commander'
import type { ConnectorStateInfo } from '../../api.ts'
import type { CommandContext } from '../command-context.ts'
import { type ConnectOptions, clientOf, parseCount } from './client-options.ts'
import { connectorPath, type Method } from './rest-client.ts'

interface RestartOptions extends ConnectOptions {
  readonly tasks?: boolean
  readonly onlyFailed?: boolean
  readonly task?: string
}

export function addActionCommands(connect: Command, context: CommandContext): void {
  const add = (name: string, text: string, call: [Method, string], done: string) =>
    connect
      .command(name)
      .description(text)
      .argument('<name...>', 'connectors')
      .action(async (names: string[], _options, command: Command) => {
        const client = clientOf(command.optsWithGlobals<ConnectOptions>(), context)
        for (const one of names) {
          await client.rest.call(call[0], connectorPath(one, call[1]))
          client.say(`${one} ${done}`)
        }
        if (client.isJson) client.json(names.map(one => ({ name: one, action: done })))
      })
  add('pause', 'Pauses connectors; tasks keep their partitions.', ['PUT', '/pause'], 'paused')
  add('resume', 'Lets paused or stopped connectors go on.', ['PUT', '/resume'], 'resumed')
  add('stop', 'Ends the tasks of connectors and keeps the connectors.', ['PUT', '/stop'], 'stopped')
  add('delete', 'Deletes connectors; their offsets stay.', ['DELETE', ''], 'deleted')
  addRestartCommand(connect, context)
}

function addRestartCommand(connect: Command, context: CommandContext): void {
  connect
    .command('restart')
    .description('Restarts connectors, or one task of a connector.')
    .argument('<name...>', 'connectors')
    .option('--tasks', 'their tasks too')
    .option('--only-failed', 'only what is FAILED')
    .option('--task <id>', 'this task alone')
    .action(async (names: string[], _options, command: Command) => {
      const options = command.optsWithGlobals<RestartOptions>()
      const client = clientOf(options, context)
      const statuses: unknown[] = []
      for (const name of names) {
        const path = connectorPath(name, restartPath(options))
        const status = await client.rest.call<ConnectorStateInfo | undefined>('POST', path)
        statuses.push(status ?? { name })
        client.say(`${name} restarted`)
      }
      if (client.isJson) client.json(statuses)
    })
}

function restartPath({ task, tasks, onlyFailed }: RestartOptions): string {
  if (task !== undefined) return `/tasks/${parseCount('--task', task)}/restart`
  return `/restart?includeTasks=${tasks === true}&onlyFailed=${onlyFailed === true}`
}
