/**
 * The second look at a configuration, after everything that can be said without servers: are the
 * tables and columns there that it names? What becomes of a record? Asked when a connector is validated, created or changed.
 * Owned by a worker. What is found becomes an error of its field; servers that do not answer refuse
 * nothing, because a task waits for them anyway.
 * Invariants: an answer comes within seconds; few questions are asked at once; nothing is asked
 * when the configuration is wrong by itself, or when a secret of it is hidden: a login with that would
 * be a wrong one.
 * Spec: connect-rest 5; ADR 0022.
 */
import type { RecordSample } from '../api-v1-connectors.ts'
import { messageOf } from '../base/scamander-error.ts'
import { SchemaLinks } from '../cassandra/index.ts'
import {
  type ConfigInfo,
  type ConfigInfos,
  combineConfigInfos,
  HIDDEN,
  type Lint,
} from '../config/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { ConnectorEvaluation, WorkerContext } from './connector-config.ts'
import { sampleRecords } from './record-sample.ts'

/** Others wait for their turn. */
const QUESTIONS_MAX = 8

export class ConfigExaminer {
  readonly #logger: Logger
  readonly #isEnabled: boolean
  readonly #links = new SchemaLinks()
  #underWay = 0
  readonly #waiting: (() => void)[] = []

  constructor(logger: Logger, { isEnabled }: { readonly isEnabled: boolean }) {
    this.#logger = logger.child({ room: 'connect' })
    this.#isEnabled = isEnabled
  }

  /** The answer for an evaluation, with what the servers say. */
  async infosOf(evaluation: ConnectorEvaluation): Promise<ConfigInfos> {
    const { infos, connectorClass, source } = evaluation
    const isAskable = this.#isEnabled && !hasHidden(source)
    if (!isAskable || infos.error_count > 0 || connectorClass?.examine === undefined) return infos
    const name = source.entries.get('name')?.value.trim() ?? ''
    try {
      await this.#turn()
      const bare = { ...source, lints: [] }
      return withProblems(infos, await connectorClass.examine(bare, this.#links))
    } catch (error) {
      const reason = messageOf(error).split('\n', 1)[0]
      const message = `connector ${name}: its tables are not checked now but when its tasks start: the cluster cannot be asked: ${reason}`
      this.#logger.warnLimited(`unexamined ${name}`, message)
      return infos
    } finally {
      this.#leave()
    }
  }

  /** What a sink makes of the last records of its topics; throws when servers do not answer. */
  async samplesOf(evaluation: ConnectorEvaluation, worker: WorkerContext): Promise<RecordSample[]> {
    try {
      await this.#turn()
      return await sampleRecords(evaluation, worker, this.#links)
    } finally {
      this.#leave()
    }
  }

  close(): void {
    this.#links.close()
  }

  async #turn(): Promise<void> {
    this.#underWay += 1
    if (this.#underWay <= QUESTIONS_MAX) return
    await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  #leave(): void {
    this.#underWay -= 1
    this.#waiting.shift()?.()
  }
}

function hasHidden({ entries }: ConnectorEvaluation['source']): boolean {
  return [...entries.values()].some(({ value }) => value === HIDDEN)
}

/** Errors at the fields they belong to; a field that is not listed yet is added. */
function withProblems(infos: ConfigInfos, problems: readonly Lint[]): ConfigInfos {
  if (problems.length === 0) return infos
  const left = new Map<string, string[]>()
  for (const { key, message } of problems) left.set(key, [...(left.get(key) ?? []), message])
  const configs = infos.configs.map((info): ConfigInfo => {
    const { value } = info
    const errors = value === null ? undefined : left.get(value.name)
    if (value === null || errors === undefined) return info
    left.delete(value.name)
    return { ...info, value: { ...value, errors: [...value.errors, ...errors] } }
  })
  for (const [name, errors] of left) {
    const value = { name, value: null, recommended_values: [], errors, visible: true }
    configs.push({ definition: null, value })
  }
  return combineConfigInfos(infos.name, [{ ...infos, configs }])
}
