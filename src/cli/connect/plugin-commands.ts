/**
 * `scamander connect plugins`: the classes that a configuration can name on that worker.
 * Called by the declaration of `scamander connect`.
 * Spec: connect-rest 2.4.
 */
import type { Command } from 'commander'
import type { PluginInfo } from '../../api.ts'
import type { CommandContext } from '../command-context.ts'
import { type ConnectOptions, clientOf } from './client-options.ts'

interface PluginOptions extends ConnectOptions {
  readonly all?: boolean
}

export function addPluginCommands(connect: Command, context: CommandContext): void {
  connect
    .command('plugins')
    .description('Lists the classes of connectors.')
    .option('--all', 'transforms, predicates and converters too')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<PluginOptions>()
      const client = clientOf(options, context)
      const path = `/connector-plugins?connectorsOnly=${options.all !== true}`
      const plugins = await client.rest.call<PluginInfo[]>('GET', path)
      const rows = plugins.map(one => [one.class, one.type, one.version ?? ''])
      client.show(plugins, ['CLASS', 'TYPE', 'VERSION'], rows)
    })
}
