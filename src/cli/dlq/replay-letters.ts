/**
 * `scamander dlq replay`: letters back to their topics, or through the sink of one connector.
 * Exit code 0 when every letter that is meant was replayed; a letter that fails ends the command
 * with the code of its error, and the next run goes on there.
 */
import { readConfigFile, readPropertiesFile, toRecord } from '../../config/index.ts'
import {
  type ConnectorReplayReport,
  evaluateWorker,
  type ReplayReport,
  replayGroup,
  replayThroughConnector,
  replayToTopics,
} from '../../connect/index.ts'
import { type CommandContext, type CommonOptions, loggerOf } from '../command-context.ts'
import { badOption } from '../connect/client-options.ts'
import { listenForStop } from '../stop-signals.ts'
import { type FilterOptions, filterOf, type KafkaOptions, kafkaSettings } from './kafka-options.ts'

export interface ReplayCommandOptions extends KafkaOptions, FilterOptions, CommonOptions {
  readonly json?: boolean
  readonly to?: string
  readonly through?: string
  readonly worker?: string
  readonly dryRun?: boolean
  readonly fromStart?: boolean
  readonly limit?: number
  readonly maxReplays: number
  readonly group?: string
}

export async function replayLetters(
  topic: string,
  options: ReplayCommandOptions,
  context: CommandContext,
): Promise<number> {
  const stop = listenForStop(context.err)
  try {
    const report =
      options.through === undefined
        ? await toTopics(topic, options, stop.signal)
        : await throughConnector(topic, options, stop.signal)
    if (options.json === true) context.out(`${JSON.stringify(report, undefined, 2)}\n`)
    else context.out(`${toText(report, options.dryRun === true)}\n`)
    return stop.signal.aborted ? 130 : 0
  } finally {
    stop.release()
  }
}

async function toTopics(topic: string, options: ReplayCommandOptions, signal: AbortSignal) {
  const logger = loggerOf({ logLevel: 'warn', ...options })
  return await replayToTopics({
    settings: kafkaSettings(options, groupOf(topic, options), logger),
    topic,
    filter: filterOf(options),
    to: options.to,
    isDryRun: options.dryRun === true,
    fromStart: options.fromStart === true,
    limit: options.limit ?? Number.MAX_SAFE_INTEGER,
    replaysMax: options.maxReplays,
    logger,
    signal,
  })
}

async function throughConnector(topic: string, options: ReplayCommandOptions, signal: AbortSignal) {
  const { through = '', worker } = options
  if (worker === undefined) throw badOption('--through: expected --worker <file> with it')
  if (options.dryRun === true || options.to !== undefined || options.limit !== undefined) {
    throw badOption('--through: --dry-run, --to and --limit are not possible with it')
  }
  const logger = loggerOf({ logLevel: 'warn', ...options })
  const { config } = evaluateWorker(readPropertiesFile(worker))
  const servers = options.bootstrapServer ?? config.settings.bootstrapServers.join(',')
  const kafka = { ...options, bootstrapServer: servers }
  return await replayThroughConnector({
    settings: kafkaSettings(kafka, groupOf(topic, options), logger),
    topic,
    filter: filterOf(options),
    fromStart: options.fromStart === true,
    config: toRecord(readConfigFile(through)),
    worker: config,
    logger,
    signal,
  })
}

/** One position for each topic, filter and target. */
function groupOf(topic: string, options: ReplayCommandOptions): string {
  if (options.group !== undefined) return options.group
  const target = options.to ?? (options.through === undefined ? '' : `through ${options.through}`)
  return replayGroup(topic, filterOf(options), target)
}

function toText(report: ReplayReport | ConnectorReplayReport, isDryRun: boolean): string {
  const { read, replayed, filtered } = report
  const what = isDryRun ? 'would be replayed' : 'replayed'
  const lines = [`${replayed} of ${read} letters ${what}`]
  if (filtered > 0) lines.push(`${filtered} are not meant by the filter`)
  if (!('topics' in report)) return lines.join('\n')
  if (report.exhausted > 0) lines.push(`${report.exhausted} were replayed too often already`)
  for (const [topic, count] of Object.entries(report.topics)) lines.push(`  ${topic}: ${count}`)
  return lines.join('\n')
}
