/**
 * `scamander connect-distributed`: the argument of Kafka's script of that name.
 * Everything is checked before anything starts. The worker runs until it is stopped, or until its
 * membership in the cluster ends with an error that does not pass.
 * Spec: connect-rest 7.
 */

import type { Command } from 'commander'
import { collectStartGarbage } from '../base/start-garbage.ts'
import { readPropertiesFile } from '../config/index.ts'
import { startDistributed } from '../server/index.ts'
import { type CommandContext, type CommonOptions, examples, loggerOf } from './command-context.ts'
import { listenForStop } from './stop-signals.ts'

export function addDistributedCommand(program: Command, context: CommandContext): void {
  program
    .command('connect-distributed')
    .summary('run a worker of a cluster')
    .description(
      'Runs a worker that shares connectors and tasks with all workers of the same group.id, until it is stopped, with the REST API of Kafka Connect. ' +
        'With scamander.replicate.topic the workers also run replication jobs, at one of them at a time, and serve /api/v1. ' +
        'Exit codes: 0 stopped by a signal, 1 wrong usage or a failure, 2 a setting is wrong or a server does not accept it.',
    )
    .argument('<worker.properties>', 'properties of the worker')
    .addHelpText(
      'after',
      examples(
        'scamander connect-distributed worker.properties',
        'curl -s -X POST -H "Content-Type: application/json" -d @users-sink.json localhost:8083/connectors',
      ),
    )
    .action(async (worker: string, _options, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      context.exitCode = await runDistributed(worker, options, context)
    })
}

async function runDistributed(
  path: string,
  options: CommonOptions,
  context: CommandContext,
): Promise<number> {
  const logger = loggerOf(options)
  const worker = readPropertiesFile(path)
  const stop = listenForStop(context.err)
  try {
    const isDebug = options.debug === true
    const roles = process.env['SCAMANDER_ROLES'] ?? ''
    const running = await startDistributed({ worker, logger, isDebug, roles, signal: stop.signal })
    const { url, metricsUrl } = running
    const metrics = metricsUrl === undefined ? '' : `, metrics at ${metricsUrl}/metrics`
    collectStartGarbage()
    logger.child({ room: 'cli' }).info(`worker is ready: REST API at ${url}${metrics}`)
    try {
      await Promise.race([stop.stopped, running.worker.failed])
    } finally {
      await running.close()
    }
    return 0
  } catch (error) {
    if (stop.signal.aborted) return 0
    throw error
  } finally {
    stop.release()
  }
}
