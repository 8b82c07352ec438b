/**
 * What the workers of a cluster tell each other through the group: each member what it has, the
 * leader what each member shall have. JSON, so that it can be read in a broker's log.
 * Used by the membership thread alone.
 * Invariant: a message of another form is refused, never guessed at.
 * Spec: connect-rest 18.3 (2, 3).
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import { CLUSTER_ERRORS } from './errors.ts'
import { parseTaskUnit, shareOf, taskUnit, type WorkShare } from './work-share.ts'

export const PROTOCOL_TYPE = 'connect'
export const PROTOCOL_NAME = 'scamander-v1'

export interface MemberMetadata {
  readonly workerUrl: string
  /** Next offset of the log of configurations that this worker knows. */
  readonly configOffset: number
  readonly owned: WorkShare
  readonly version: string
}

export interface Assignment {
  /** `mismatch`: the leader does not know the newest configurations yet; join again. */
  readonly error: 'none' | 'mismatch'
  readonly leader: string
  readonly leaderUrl: string
  readonly configOffset: number
  readonly assigned: WorkShare
  readonly revoked: WorkShare
  /** Time until held work is shared out; 0: none is held. */
  readonly delayMs: number
  readonly generation: number
}

export function encodeMetadata(metadata: MemberMetadata): Buffer {
  const { workerUrl, configOffset, owned, version } = metadata
  return toBytes({
    worker_url: workerUrl,
    config_offset: configOffset,
    ...toJsonShare(owned),
    version,
  })
}

export function decodeMetadata(bytes: Buffer): MemberMetadata {
  const json = parse(bytes, 'the metadata of a member')
  return {
    workerUrl: String(json['worker_url']),
    configOffset: Number(json['config_offset']),
    owned: fromJsonShare(json),
    version: String(json['version']),
  }
}

export function encodeAssignment(assignment: Assignment): Buffer {
  const { error, leader, leaderUrl, configOffset, assigned, revoked, delayMs, generation } =
    assignment
  return toBytes({
    error,
    leader,
    leader_url: leaderUrl,
    config_offset: configOffset,
    ...toJsonShare(assigned),
    revoked: toJsonShare(revoked),
    delay_ms: delayMs,
    generation,
  })
}

export function decodeAssignment(bytes: Buffer): Assignment {
  const json = parse(bytes, 'an assignment')
  return {
    error: json['error'] === 'none' ? 'none' : 'mismatch',
    leader: String(json['leader']),
    leaderUrl: String(json['leader_url']),
    configOffset: Number(json['config_offset']),
    assigned: fromJsonShare(json),
    revoked: fromJsonShare(json['revoked']),
    delayMs: Number(json['delay_ms']),
    generation: Number(json['generation']),
  }
}

type JsonObject = Readonly<Record<string, unknown>>

/** Tasks by connector, as numbers: shorter than a list of units. */
function toJsonShare({ connectors, tasks }: WorkShare): JsonObject {
  const byConnector = Map.groupBy([...tasks].map(parseTaskUnit), one => one.connector)
  const numbers = [...byConnector].map(([name, ones]) => [name, ones.map(one => one.task)] as const)
  return { connectors: [...connectors], tasks: Object.fromEntries(numbers) }
}

function fromJsonShare(value: unknown): WorkShare {
  const json = toObject(value, 'a share')
  const connectors = Array.isArray(json['connectors']) ? json['connectors'].map(String) : []
  const tasks: string[] = []
  for (const [connector, numbers] of Object.entries(toObject(json['tasks'], 'tasks'))) {
    if (!Array.isArray(numbers)) throw refused('tasks')
    for (const task of numbers) tasks.push(taskUnit(connector, Number(task)))
  }
  return shareOf(connectors, tasks)
}

function parse(bytes: Buffer, what: string): JsonObject {
  try {
    return toObject(JSON.parse(bytes.toString()), what)
  } catch {
    throw refused(what)
  }
}

function toObject(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject
  }
  throw refused(what)
}

function refused(what: string): ScamanderError {
  const message = `expected ${what} in the form ${PROTOCOL_NAME}, found another`
  return new ScamanderError(CLUSTER_ERRORS.FOREIGN_MEMBER, message)
}

function toBytes(json: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(json))
}
