/**
 * `scamander connect offsets get|set|reset`: where a connector reads next.
 * Changes need a stopped connector; the worker refuses them otherwise.
 * Spec: connect-rest 2.3.
 */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { ConnectorOffset, MessageInfo, OffsetsInfo } from '../../api.ts'
import { messageOf } from '../../base/scamander-error.ts'
import { type CommandContext, examples } from '../command-context.ts'
import { badOption, type ConnectOptions, clientOf, parseCount } from './client-options.ts'
import { connectorPath } from './rest-client.ts'

interface SetOptions extends ConnectOptions {
  readonly file?: string
  readonly topic?: string
  readonly partition?: string
  readonly offset?: string
}

export function addOffsetsCommand(connect: Command, context: CommandContext): void {
  const offsets = connect
    .command('offsets')
    .description('Shows and changes where a connector reads next.')
  offsets
    .command('get')
    .description('Shows the offsets of a connector.')
    .argument('<name>', 'connector')
    .action(async (name: string, _options, command: Command) => {
      const client = clientOf(command.optsWithGlobals<ConnectOptions>(), context)
      const info = await client.rest.call<OffsetsInfo>('GET', connectorPath(name, '/offsets'))
      client.show(info, ['PARTITION', 'OFFSET'], info.offsets.map(toRow))
    })
  addSetCommand(offsets, context)
  offsets
    .command('reset')
    .description('Removes all offsets of a stopped connector.')
    .argument('<name>', 'connector')
    .action(async (name: string, _options, command: Command) => {
      const client = clientOf(command.optsWithGlobals<ConnectOptions>(), context)
      const info = await client.rest.call<MessageInfo>('DELETE', connectorPath(name, '/offsets'))
      client.say(info.message)
      if (client.isJson) client.json(info)
    })
}

function addSetCommand(offsets: Command, context: CommandContext): void {
  offsets
    .command('set')
    .description('Changes offsets of a stopped connector.')
    .argument('<name>', 'connector')
    .option('-f, --file <file>', 'JSON as `offsets get --json` prints it')
    .option('--topic <topic>', 'a topic of a sink')
    .option('--partition <number>', 'a partition of it')
    .option('--offset <number>', 'the next record to read, or `none` to forget the position')
    .addHelpText(
      'after',
      examples(
        'scamander connect offsets set users-sink --topic users --partition 0 --offset 42',
        'scamander connect offsets set users-sink -f offsets.json',
      ),
    )
    .action(async (name: string, _options, command: Command) => {
      const options = command.optsWithGlobals<SetOptions>()
      const client = clientOf(options, context)
      const body = options.file === undefined ? oneOffset(options) : readOffsets(options.file)
      const path = connectorPath(name, '/offsets')
      const info = await client.rest.call<MessageInfo>('PATCH', path, body)
      client.say(info.message)
      if (client.isJson) client.json(info)
    })
}

function toRow({ partition, offset }: ConnectorOffset): string[] {
  const topic = partition?.['kafka_topic']
  const next = offset?.['kafka_offset']
  if (topic !== undefined && next !== undefined) {
    return [`${String(topic)}/${String(partition?.['kafka_partition'])}`, String(next)]
  }
  return [JSON.stringify(partition), JSON.stringify(offset)]
}

function oneOffset({ topic, partition, offset }: SetOptions): OffsetsInfo {
  if (topic === undefined || partition === undefined || offset === undefined) {
    throw badOption('expected -f, or --topic with --partition and --offset')
  }
  const next = offset === 'none' ? null : { kafka_offset: parseCount('--offset', offset) }
  const place = { kafka_topic: topic, kafka_partition: parseCount('--partition', partition) }
  return { offsets: [{ partition: place, offset: next }] }
}

function readOffsets(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw badOption(`-f: cannot read JSON from ${file}: ${messageOf(error)}`)
  }
}
