/**
 * `scamander connect loggers`: shows the levels of loggers and sets one, on a worker or on all.
 * Called by the declaration of `scamander connect`.
 * Spec: connect-rest 2.5.
 */
import type { Command } from 'commander'
import type { LoggerInfo } from '../../api.ts'
import type { CommandContext } from '../command-context.ts'
import { type ConnectClient, type ConnectOptions, clientOf } from './client-options.ts'

interface LoggersOptions extends ConnectOptions {
  readonly cluster?: boolean
}

export function addLoggersCommand(connect: Command, context: CommandContext): void {
  connect
    .command('loggers')
    .description('Shows the levels of loggers, or sets one and those below it.')
    .argument('[name]', 'logger; `root` is all')
    .argument('[level]', 'TRACE, DEBUG, INFO, WARN, ERROR or OFF')
    .option('--cluster', 'on every worker of the cluster')
    .action(async (name: string | undefined, level: string | undefined, _o, command: Command) => {
      const options = command.optsWithGlobals<LoggersOptions>()
      const client = clientOf(options, context)
      if (name === undefined || level === undefined) await show(client, name)
      else await setLevel(client, { name, level, isCluster: options.cluster === true })
    })
}

async function show(client: ConnectClient, name: string | undefined): Promise<void> {
  const path = name === undefined ? '' : `/${encodeURIComponent(name)}`
  const answer = await client.rest.call<unknown>('GET', `/admin/loggers${path}`)
  const all = (name === undefined ? answer : { [name]: answer }) as Record<string, LoggerInfo>
  const rows = Object.entries(all).map(([logger, info]) => [
    logger,
    info.level,
    info.last_modified == null ? '' : new Date(info.last_modified).toISOString(),
  ])
  client.show(answer, ['LOGGER', 'LEVEL', 'CHANGED'], rows)
}

async function setLevel(
  client: ConnectClient,
  of: { name: string; level: string; isCluster: boolean },
): Promise<void> {
  const scope = of.isCluster ? 'cluster' : 'worker'
  const path = `/admin/loggers/${encodeURIComponent(of.name)}?scope=${scope}`
  const changed = await client.rest.call<string[] | undefined>('PUT', path, { level: of.level })
  const names = changed ?? [of.name]
  if (client.isJson) client.json(names)
  client.say(`${names.join(', ')}: ${of.level.toUpperCase()}${of.isCluster ? ' everywhere' : ''}`)
}
