/**
 * `scamander dlq`: dead letters after the fact. `list` finds the dead-letter topics of a worker's
 * connectors, `show` tells what is in one, `replay` gives letters back.
 * Keys and values of records are shown only by `--dangerous-show-values`.
 * Spec: connect-rest 14; style, Logs and metrics.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { type CommandContext, examples } from './command-context.ts'
import { listLetterTopics } from './dlq/list-letters.ts'
import { type ReplayCommandOptions, replayLetters } from './dlq/replay-letters.ts'
import { type ShowOptions, showLetters } from './dlq/show-letters.ts'

export function addDlqCommand(program: Command, context: CommandContext): void {
  const dlq = program
    .command('dlq')
    .summary('look at dead letters and replay them')
    .description('Shows dead letters and gives them back to their topics or to their connector.')
    .option('--bootstrap-server <list>', 'Kafka brokers, host:port (default: localhost:9092)')
    .option('--command-config <file>', 'properties of the Kafka clients, as for the tools of Kafka')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'scamander dlq list',
        'scamander dlq show users-dlq --stage VALUE_CONVERTER',
        'scamander dlq replay users-dlq --dry-run',
        'scamander dlq replay users-dlq --through users-sink.json --worker worker.properties',
      ),
    )
  addListCommand(dlq, context)
  addShowCommand(dlq, context)
  addReplayCommand(dlq, context)
}

function addListCommand(dlq: Command, context: CommandContext): void {
  dlq
    .command('list')
    .description("Lists the dead-letter topics of a worker's connectors, with how much is in them.")
    .option('--url <url>', 'address of the REST API (default: http://127.0.0.1:8083)')
    .action(async (_options, command: Command) => {
      await listLetterTopics(command.optsWithGlobals(), context)
    })
}

function addShowCommand(dlq: Command, context: CommandContext): void {
  const show = dlq
    .command('show')
    .description('Shows the letters of a topic: where they come from and why they failed.')
    .argument('<topic>', 'dead-letter topic')
    .option('--limit <number>', 'most letters shown', count, 100)
    .option('--dangerous-show-values', 'show keys and values of the records')
    .action(async (topic: string, _options, command: Command) => {
      await showLetters(topic, command.optsWithGlobals<ShowOptions>(), context)
    })
  addFilterOptions(show)
}

function addReplayCommand(dlq: Command, context: CommandContext): void {
  const replay = dlq
    .command('replay')
    .description(
      'Gives letters back: to the topics they came from, or with --through to the sink of a connector alone. ' +
        'At least once: the position in the topic is kept in a consumer group, so that a replay that was cut off goes on there. ' +
        'Each filter has a position of its own.',
    )
    .argument('<topic>', 'dead-letter topic')
    .option('--to <topic>', 'this topic instead of those that the letters name')
    .option('--through <file>', "a connector's file: run its converters, transforms and sink here")
    .option('--worker <file>', 'properties of the worker of that connector')
    .option('--dry-run', 'count what would be replayed, and do nothing')
    .option('--from-start', 'begin with the first letter again')
    .option('--limit <number>', 'most letters to replay; default: all', count)
    .option('--max-replays <number>', 'pass over letters that were replayed as often', count, 3)
    .option('--group <id>', 'consumer group that keeps the position')
    .action(async (topic: string, _options, command: Command) => {
      const options = command.optsWithGlobals<ReplayCommandOptions>()
      context.exitCode = await replayLetters(topic, options, context)
    })
  addFilterOptions(replay)
}

function addFilterOptions(command: Command): void {
  command
    .option('--connector <name>', 'letters of this connector')
    .option('--topic <name>', 'letters that came from this topic')
    .option('--stage <stage>', 'letters that failed there, e.g. VALUE_CONVERTER or TASK_PUT')
    .option('--error <text>', 'letters whose error has this text in its class or message')
    .option('--since <time>', 'records from this time on, e.g. 2026-01-31T00:00:00Z', time)
    .option('--until <time>', 'records before this time', time)
}

function count(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number > 0 && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('Expected a whole number above 0.')
}

function time(text: string): number {
  const ms = Date.parse(text)
  if (!Number.isNaN(ms)) return ms
  throw new InvalidArgumentError('Expected a time such as 2026-01-31T00:00:00Z.')
}
