/**
 * `help [command...]`: what a command takes, however deep it lies.
 * Added to the program, and to `advrep`, whose scripts know it there.
 * Spec: cdc-replication 2.4 (help).
 */
import type { Command } from 'commander'
import { badOption } from './connect/client-options.ts'

export function addHelpCommand(parent: Command): void {
  parent.helpCommand(false)
  parent
    .command('help')
    .summary('help for a command')
    .description('Shows what a command takes.')
    .argument('[command...]', 'the command, and those below it')
    .action((names: readonly string[]) => find(parent, names).outputHelp())
}

function find(parent: Command, names: readonly string[]): Command {
  let command = parent
  for (const name of names) {
    const below = command.commands.find(one => one.name() === name || one.aliases().includes(name))
    if (below === undefined) {
      const known = command.commands.map(one => one.name()).join(', ')
      const where = command.name()
      throw badOption(`expected a command of ${where} (${known || 'it has none'}), found "${name}"`)
    }
    command = below
  }
  return command
}
