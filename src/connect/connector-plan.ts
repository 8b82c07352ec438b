/**
 * Makes the plan that a connector's tasks run by: its configuration validated anew, because values
 * of config providers may have changed, its class prepared, and for a source the work divided.
 * Called at every start by `Connector`, and by a worker of a cluster, which keeps the task
 * configurations itself.
 * Spec: connect-rest 4, 9 (tasks.max.enforce).
 */
import { isDeepStrictEqual } from 'node:util'
import { assert } from '../base/assert.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { type ConfigSource, formatLint, sourceOf, toRecord } from '../config/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { evaluateConnector, throwOnProblems, warningsOf } from './connector-config.ts'
import { CONNECT_ERRORS } from './errors.ts'
import { isFrameworkKey, isSourceFrameworkKey } from './framework-config.ts'
import type { WorkerConfig } from './standalone-config.ts'
import type { ConnectorPlan, SourcePlan } from './task-plan.ts'

export interface PlanContext {
  readonly name: string
  readonly worker: WorkerConfig
  readonly logger: Logger
  /** Ends the planning of a source that waits for its servers. */
  readonly signal: AbortSignal
  /** Kept when the configuration has the same values. */
  readonly present?: ConnectorPlan | undefined
}

/** A plan without the division of its work. */
export type PreparedPlan = Exclude<ConnectorPlan, SourcePlan> | Omit<SourcePlan, 'taskConfigs'>

export async function planConnector(
  config: Readonly<Record<string, string>>,
  context: PlanContext,
): Promise<ConnectorPlan> {
  const plan = prepareConnector(config, context)
  if (plan.kind === 'sink' || 'taskConfigs' in plan) return plan as ConnectorPlan
  return { ...plan, taskConfigs: await divideWork(plan, context) }
}

/** Throws one error with all problems of the configuration. */
export function prepareConnector(
  config: Readonly<Record<string, string>>,
  context: PlanContext,
): PreparedPlan {
  return prepareSource(sourceOf(config), context)
}

/** The same from a configuration that remembers which values are not to be shown. */
export function prepareSource(
  config: ConfigSource,
  { name, worker, logger, present }: Omit<PlanContext, 'signal'>,
): PreparedPlan {
  const evaluation = evaluateConnector(config, worker)
  throwOnProblems(`Connector ${name}`, evaluation)
  if (present !== undefined && isSame(present.evaluation.source, evaluation.source)) return present
  const { connectorClass, sink, sourceSettings } = evaluation
  assert(connectorClass !== undefined, 'a configuration without problems has a class')
  for (const lint of warningsOf(evaluation)) logger.warn(formatLint(lint))
  const source = { ...evaluation.source, lints: [] }
  const { className } = connectorClass
  if (connectorClass.type === 'sink') {
    assert(sink !== undefined, 'settings of a sink are those of a sink')
    const prepared = connectorClass.prepare(source, isFrameworkKey)
    for (const note of prepared.notes) logger.info(note)
    return { kind: 'sink', name, evaluation, settings: sink, prepared, className }
  }
  assert(sourceSettings !== undefined, 'settings of a source are those of a source')
  const prepared = connectorClass.prepare(source, isSourceFrameworkKey)
  for (const note of prepared.notes) logger.info(note)
  return { kind: 'source', name, evaluation, settings: sourceSettings, prepared, className }
}

/** What each task of a source does; looks at its servers. */
export async function divideWork(
  plan: Pick<SourcePlan, 'name' | 'settings' | 'prepared'>,
  { logger, signal }: Pick<PlanContext, 'logger' | 'signal'>,
): Promise<SourcePlan['taskConfigs']> {
  const { tasksMax, tasksMaxEnforce } = plan.settings
  const connector = plan.name
  const taskConfigs = await plan.prepared.taskConfigs({ connector, tasksMax, logger, signal })
  if (taskConfigs.length <= tasksMax || !tasksMaxEnforce) return taskConfigs
  const message = `The connector ${connector} has generated ${taskConfigs.length} tasks, which is greater than ${tasksMax}, the maximum number of tasks it is configured to create.`
  throw new ScamanderError(CONNECT_ERRORS.TASK_COUNT, message)
}

function isSame(one: ConfigSource, other: ConfigSource): boolean {
  return isDeepStrictEqual(toRecord(one), toRecord(other))
}
