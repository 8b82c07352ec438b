/**
 * `scamander connect-standalone`: arguments and files of Kafka's script of that name.
 * Everything is checked before anything starts; a connector that cannot start ends the command
 * after the others were stopped cleanly.
 * Spec: connect-rest 6; cassandra-sink 1.2.
 */

import type { Command } from 'commander'
import { collectStartGarbage } from '../base/start-garbage.ts'
import {
  CONFIG_ERRORS,
  ConfigError,
  type ConfigSource,
  readConfigFile,
  readPropertiesFile,
} from '../config/index.ts'
import { type Standalone, startStandalone } from '../server/index.ts'
import { type CommandContext, type CommonOptions, examples, loggerOf } from './command-context.ts'
import { listenForStop } from './stop-signals.ts'

export function addStandaloneCommand(program: Command, context: CommandContext): void {
  program
    .command('connect-standalone')
    .summary('run connectors in one process')
    .description(
      'Runs the connectors of the given files in one process until it is stopped, with the REST API of Kafka Connect. ' +
        'Exit codes: 0 stopped by a signal, 1 wrong usage or a failure, 2 a setting is wrong or a server does not accept it.',
    )
    .argument('<worker.properties>', 'properties of the worker')
    .argument('[connector...]', 'files of connectors: .json or .properties')
    .addHelpText(
      'after',
      examples(
        'scamander connect-standalone worker.properties users-sink.json',
        'scamander connect-standalone worker.properties a.properties b.json',
        'curl -s localhost:8083/connectors/users-sink/status',
      ),
    )
    .action(async (worker: string, connectors: string[], _options, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      context.exitCode = await runStandalone({ worker, connectors, options, context })
    })
}

interface Given {
  readonly worker: string
  readonly connectors: readonly string[]
  readonly options: CommonOptions
  readonly context: CommandContext
}

async function runStandalone({ worker, connectors, options, context }: Given): Promise<number> {
  const logger = loggerOf(options)
  const files = readAll(worker, connectors)
  const stop = listenForStop(context.err)
  try {
    const isDebug = options.debug === true
    const running = await startStandalone({ ...files, logger, isDebug, signal: stop.signal })
    announce(running, logger.child({ room: 'cli' }))
    await stop.stopped
    await running.close()
    return 0
  } catch (error) {
    if (stop.signal.aborted) return 0
    throw error
  } finally {
    stop.release()
  }
}

/** Broken and missing files are told together as well. */
function readAll(
  worker: string,
  connectors: readonly string[],
): { worker: ConfigSource; connectors: ConfigSource[] } {
  const problems: ConfigError[] = []
  const attempt = (read: () => ConfigSource): ConfigSource | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(error)
      return undefined
    }
  }
  const workerSource = attempt(() => readPropertiesFile(worker))
  const sources = connectors.map(file => attempt(() => readConfigFile(file)))
  const [first, ...others] = problems
  if (first !== undefined && others.length === 0) throw first
  if (first !== undefined) {
    const all = problems.flatMap(problem => problem.problems)
    throw new ConfigError(CONFIG_ERRORS.INVALID, all, { title: 'Files' })
  }
  return { worker: workerSource!, connectors: sources.filter(source => source !== undefined) }
}

function announce(
  { worker, url, metricsUrl }: Standalone,
  logger: ReturnType<typeof loggerOf>,
): void {
  const metrics = metricsUrl === undefined ? '' : `, metrics at ${metricsUrl}/metrics`
  collectStartGarbage()
  logger.info(`worker is ready: REST API at ${url}${metrics}`)
  for (const name of worker.names()) {
    const { connector, tasks } = worker.status(name)
    logger.info(`connector ${name} is ${connector.state} with ${tasks.length} task(s)`)
  }
}
