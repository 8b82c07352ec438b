/**
 * `scamander advrep destination …`: end points that channels lead to.
 * Output and options as the replaced commands have them.
 * Spec: cdc-replication 2.2.
 */
import type { Command } from 'commander'
import type { CaptureDestination } from '../../api.ts'
import type { CommandContext } from '../command-context.ts'
import { clientOf, parseFlag } from './advrep-client.ts'

interface DestinationFlags {
  readonly name: string
  readonly transmissionEnabled?: boolean
  readonly force?: boolean
}

const path = (name: string) => `/destinations/${encodeURIComponent(name)}`

export function addDestinationCommands(advrep: Command, context: CommandContext): void {
  const destination = advrep.command('destination').summary('end points of channels')
  addChanges(destination, context)
  addDelete(destination, context)
  addLists(destination, context)
}

function addChanges(destination: Command, context: CommandContext): void {
  for (const verb of ['create', 'update'] as const) {
    destination
      .command(verb)
      .description(verb === 'create' ? 'Creates a destination.' : 'Changes a destination.')
      .requiredOption('--name <name>', 'name of the destination')
      .option('--transmission-enabled <flag>', 'whether its channels are delivered', parseFlag)
      .action(async (flags: DestinationFlags, command: Command) => {
        const client = clientOf(command, context)
        const { name, transmissionEnabled } = flags
        const changes = transmissionEnabled === undefined ? {} : { transmissionEnabled }
        const made =
          verb === 'create'
            ? await client.call('POST', '/destinations', { name, ...changes })
            : await client.call('PATCH', path(name), changes)
        client.say(`Destination ${name} ${verb}d`, made)
      })
  }
  destination
    .command('remove-conf')
    .description('Sets options of a destination back to their defaults.')
    .requiredOption('--name <name>', 'name of the destination')
    .option('--transmission-enabled [flag]', 'reset to true')
    .action(async (flags: { name: string; transmissionEnabled?: unknown }, command: Command) => {
      const client = clientOf(command, context)
      const isNamed = flags.transmissionEnabled !== undefined
      const changes = isNamed ? { transmissionEnabled: true } : {}
      const made = await client.call('PATCH', path(flags.name), changes)
      const removed = isNamed ? 'transmission-enabled' : 'nothing'
      client.say(`Destination ${flags.name}: removed ${removed}`, made)
    })
}

function addDelete(destination: Command, context: CommandContext): void {
  destination
    .command('delete')
    .description('Deletes a destination that no channel uses.')
    .requiredOption('--name <name>', 'name of the destination')
    .option('--force', 'delete its channels and their queues first')
    .action(async ({ name, force }: DestinationFlags, command: Command) => {
      const client = clientOf(command, context)
      await client.call('DELETE', `${path(name)}?force=${force === true}`)
      client.say(`Destination ${name} removed`, { name, removed: true })
    })
}

function addLists(destination: Command, context: CommandContext): void {
  destination
    .command('list')
    .description('Lists destinations.')
    .action(async (_flags: unknown, command: Command) => {
      const client = clientOf(command, context)
      const all = await client.call<CaptureDestination[]>('GET', '/destinations')
      const rows = all.map(one => [one.name, one.transmissionEnabled])
      client.table(all, ['name', 'enabled'], rows)
    })
  destination
    .command('list-conf')
    .description('Lists the settings of one destination or of all.')
    .option('--name <name>', 'name of the destination')
    .action(async ({ name }: { name?: string }, command: Command) => {
      const client = clientOf(command, context)
      const all =
        name === undefined
          ? await client.call<CaptureDestination[]>('GET', '/destinations')
          : [await client.call<CaptureDestination>('GET', path(name))]
      const rows = all.flatMap(one => [
        [one.name, 'transmission-enabled', one.transmissionEnabled],
        ...Object.entries(one.driver).map(([key, value]) => [one.name, `driver-${key}`, value]),
      ])
      client.table(all, ['destination', 'name', 'value'], rows)
    })
}
