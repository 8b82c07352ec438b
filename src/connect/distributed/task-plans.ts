/**
 * From the settings in the log to what tasks run by: divides a connector's work into task
 * configurations, and makes the plan of one task from them.
 * Used by the leader (sinks are divided at once) and by the units of a worker.
 * Invariants: task configurations hold the connector's settings with references unresolved; the
 * tasks of one connector on one worker share what its class lets them share.
 * Spec: connect-rest 3, 4, 9, 16.
 */
import { findConnectorClass } from '../../catalog.ts'
import { sourceOf } from '../../config/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { evaluateConnector } from '../connector-config.ts'
import { divideWork, type PreparedPlan, prepareConnector } from '../connector-plan.ts'
import type { WorkerConfig } from '../standalone-config.ts'
import type { ConnectorPlan } from '../task-plan.ts'
import type { Settings } from './config-records.ts'
import type { TaskWish } from './task-unit.ts'

const TASK_CLASSES = { sink: 'scamander.SinkTask', source: 'scamander.SourceTask' } as const

export function typeOf(settings: Settings): 'sink' | 'source' | 'unknown' {
  return findConnectorClass(settings['connector.class']?.trim() ?? '')?.type ?? 'unknown'
}

export class TaskPlans {
  readonly #worker: WorkerConfig
  readonly #logger: Logger
  readonly #prepared = new Map<string, PreparedPlan>()

  constructor(worker: WorkerConfig, logger: Logger) {
    this.#worker = worker
    this.#logger = logger
  }

  /** What can be said without asking any server; undefined for a source. */
  divideAtOnce(settings: Settings): readonly Settings[] | undefined {
    if (typeOf(settings) !== 'sink') return undefined
    const { framework } = evaluateConnector(sourceOf(settings), this.#worker)
    const one = { ...settings, 'task.class': TASK_CLASSES.sink }
    return Array.from({ length: framework.tasksMax }, () => one)
  }

  /** Throws what is wrong with the settings, or what hinders a source from looking at its servers. */
  async divide(
    name: string,
    settings: Settings,
    signal: AbortSignal,
  ): Promise<readonly Settings[]> {
    const plan = this.#prepare(name, settings)
    if (plan.kind === 'sink') return this.divideAtOnce(settings) ?? []
    const logger = this.#logger.child({ room: 'connect', connector: name })
    const own = await divideWork(plan, { logger, signal })
    return own.map(keys => ({ ...settings, ...keys, 'task.class': TASK_CLASSES.source }))
  }

  planTask(name: string, task: number, { connector, own }: TaskWish): ConnectorPlan {
    const plan = this.#prepare(name, connector)
    if (plan.kind === 'sink') return plan
    // A plan asks by the number of the task; the others' configurations are not ours to know.
    const taskConfigs: Settings[] = []
    taskConfigs[task] = own
    return { ...plan, taskConfigs }
  }

  forget(name: string): void {
    this.#prepared.delete(name)
  }

  #prepare(name: string, settings: Settings): PreparedPlan {
    const plan = prepareConnector(settings, {
      name,
      worker: this.#worker,
      logger: this.#logger.child({ room: 'connect', connector: name }),
      signal: new AbortController().signal,
      present: this.#prepared.get(name) as ConnectorPlan | undefined,
    })
    this.#prepared.set(name, plan)
    return plan
  }
}
