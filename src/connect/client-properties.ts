/**
 * The Java client properties of the Kafka clients that a worker and its tasks use, merged from the
 * built-in ones, the worker's `consumer.` and the connector's `consumer.override.` (later wins),
 * and the check of overrides before anything starts.
 * Invariant: the override policy is enforced here and nowhere else.
 * Spec: connect-rest 10, 5.2.
 */
import { isScamanderError } from '../base/scamander-error.ts'
import { type ConfigSource, HIDDEN, type Lint, subSource, toRecord } from '../config/index.ts'
import { CLIENT_KEYS, type KafkaClientSettings, toClientSettings } from '../kafka/index.ts'
import { Logger } from '../telemetry/index.ts'

export type ClientKind = 'consumer' | 'producer' | 'admin'

export interface ClientOwner {
  readonly connector: ConfigSource
  readonly worker: ConfigSource
}

/** The settings of one client of a task. `builtIn` is overridden by worker and connector. */
export function taskClientSettings(
  kind: ClientKind,
  builtIn: Readonly<Record<string, string>>,
  owner: ClientOwner,
  logger: Logger,
): KafkaClientSettings {
  return toClientSettings(merged(kind, builtIn, owner), logger)
}

/** The settings of the worker's own clients. */
export function workerClientSettings(
  worker: ConfigSource,
  builtIn: Readonly<Record<string, string>>,
): KafkaClientSettings {
  return toClientSettings(workerClientProperties(worker, builtIn), Logger.silent())
}

/** The same as Java properties, to be given to another thread. */
export function workerClientProperties(
  worker: ConfigSource,
  builtIn: Readonly<Record<string, string>>,
): Record<string, string> {
  const own = Object.entries(toRecord(worker)).filter(([key]) => key in CLIENT_KEYS)
  return { ...BOOTSTRAP, ...builtIn, ...Object.fromEntries(own) }
}

const BOOTSTRAP = { 'bootstrap.servers': 'localhost:9092' }

function merged(
  kind: ClientKind,
  builtIn: Readonly<Record<string, string>>,
  { connector, worker }: ClientOwner,
): Record<string, string> {
  const servers =
    connector.entries.get('bootstrap.servers') ?? worker.entries.get('bootstrap.servers')
  const groupId = connector.entries.get('group.id')?.value
  const out: Record<string, string> = { ...BOOTSTRAP, ...builtIn }
  if (servers !== undefined) out['bootstrap.servers'] = servers.value
  if (groupId !== undefined && kind === 'consumer') out['group.id'] = groupId
  const ofWorker = toRecord(subSource(worker, `${kind}.`))
  for (const key of Object.keys(ofWorker)) if (key.startsWith('listeners')) delete ofWorker[key]
  return { ...out, ...ofWorker, ...toRecord(subSource(connector, `${kind}.override.`)) }
}

const KINDS: readonly ClientKind[] = ['consumer', 'producer', 'admin']
const PRINCIPAL_KEYS = new Set(['sasl.jaas.config', 'sasl.mechanism', 'security.protocol'])

/** Every override that cannot be used or is not allowed, and a warning for each unknown one. */
export function overrideProblems(owner: ClientOwner): Lint[] {
  const policy = owner.worker.entries.get('connector.client.config.override.policy')?.value ?? 'All'
  return KINDS.flatMap(kind => [
    ...policyProblems(kind, policy.trim(), owner.connector),
    ...valueProblems(kind, owner),
  ])
}

function policyProblems(kind: ClientKind, policy: string, connector: ConfigSource): Lint[] {
  const name = /(All|None|Principal)(ConnectorClientConfigOverridePolicy)?$/.exec(policy)?.[1]
  if (name === 'All' || name === undefined) return []
  return [...subSource(connector, `${kind}.override.`).entries.keys()]
    .filter(key => name === 'None' || !PRINCIPAL_KEYS.has(key))
    .map(key =>
      lintAt(connector, `${kind}.override.${key}`, {
        kind: 'conflict',
        severity: 'error',
        message: `The '${name}' policy does not allow '${key}' to be overridden in the connector configuration.`,
      }),
    )
}

/** The parser stops at the first bad value: it is told, taken out, and the rest is tried again. */
function valueProblems(kind: ClientKind, owner: ClientOwner): Lint[] {
  const prefix = `${kind}.override.`
  const lints: Lint[] = []
  const given = subSource(owner.connector, prefix).entries
  if (given.size === 0) return []
  const properties = merged(kind, {}, owner)
  const logger = Logger.create({
    sink: line => {
      const key = String(line['key'] ?? '')
      if (!given.has(key)) return
      const message = `Unknown configuration "${prefix}${key}" is ignored`
      const what = { kind: 'unknown-key', severity: 'warning', advice: 'Remove it.' } as const
      lints.push(lintAt(owner.connector, prefix + key, { ...what, message }))
    },
  })
  for (let attempt = 0; attempt <= given.size; attempt++) {
    try {
      toClientSettings(properties, attempt === 0 ? logger : Logger.silent())
      break
    } catch (error) {
      if (!isScamanderError(error)) throw error
      const named = String(error.context['key'] ?? '')
      const key = given.has(named) ? prefix + named : `${prefix}*`
      const isHidden = given.get(named)?.hidden === true
      const told = error.message.startsWith(`${named}:`) ? prefix + error.message : error.message
      const message = isHidden ? `the value ${HIDDEN} cannot be used` : told
      const what = { kind: 'invalid', severity: 'error', advice: error.advice } as const
      lints.push(lintAt(owner.connector, key, { ...what, message }))
      if (!given.has(named)) break
      delete properties[named]
    }
  }
  return lints
}

function lintAt(source: ConfigSource, key: string, what: Omit<Lint, 'key' | 'location'>): Lint {
  const location = source.entries.get(key)?.location
  return { ...what, key, ...(location === undefined ? {} : { location }) }
}
