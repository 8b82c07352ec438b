/**
 * A connection for the replay: opened with a version and a keyspace, prepares what entries need,
 * sends requests and waits for their answers.
 * Invariant: every `send` ends; a lost connection fails what is on it.
 * Spec: live-migration 2.8, 2.10.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import {
  ByteReader,
  decodeBody,
  errorCodeName,
  type FrameView,
  type ProtocolVersion,
  writeMessage,
} from '../../cql/index.ts'
import { TARGET } from '../cluster.ts'
import { PROXY_ERRORS } from '../errors.ts'
import { answerBodyAt, errorCodeOf } from '../link/answer-body.ts'
import { ClusterLink, type LinkOwner } from '../link/cluster-link.ts'
import type { Endpoint } from '../link/endpoint.ts'
import { PreparedStatement } from '../prepared/prepared-statement.ts'
import { type DualRequest, STATUS } from '../request/dual-request.ts'
import { type Login, LoginDesk } from '../session/login-desk.ts'
import { classify } from '../statement/classify.ts'
import type { JournalEntry, JournalStatement } from './journal-entry.ts'
import { toRequest } from './replay-request.ts'

export const REPLAY_WINDOW = 64

export interface ReplayLinkOptions {
  readonly endpoint: Endpoint
  readonly login: Login | undefined
  readonly version: ProtocolVersion
  readonly keyspace: string | undefined
}

export class ReplayLink {
  readonly #options: ReplayLinkOptions
  readonly #link: ClusterLink
  readonly #statements = new Map<string, Promise<PreparedStatement>>()

  private constructor(options: ReplayLinkOptions, owner: LinkOwner) {
    this.#options = options
    this.#link = new ClusterLink(
      {
        cluster: TARGET,
        endpoint: options.endpoint,
        version: options.version,
        compressor: undefined,
        startup: { CQL_VERSION: '3.0.0', DRIVER_NAME: 'scamander' },
        keyspace: quote(options.keyspace),
        streamsMax: 2 * REPLAY_WINDOW,
        idleMs: 0,
      },
      owner,
    )
  }

  static async open(options: ReplayLinkOptions): Promise<ReplayLink> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const desk = new LoginDesk(options.login)
    const fail = (reason: string) => reject(lost(options.endpoint, reason))
    const replay = new ReplayLink(options, {
      onAuthenticate: (link, authenticator) => {
        if (desk.authenticate(link, authenticator)) return
        link.close()
        fail('it demands a login, and none is configured')
      },
      onChallenge: link => desk.challenge(link),
      onReady: () => resolve(),
      onRefused: (_, frame) => fail(`it refused: ${errorText(frame)}`),
      onClosed: (_, reason) => fail(reason),
      onEvent: () => undefined,
      onDrain: () => undefined,
    })
    await promise
    return replay
  }

  get isClosed(): boolean {
    return this.#link.isClosed
  }

  /** Writes the entry again; resolves with what went wrong, or undefined. */
  async send(entry: JournalEntry): Promise<string | undefined> {
    const statements = new Map<string, PreparedStatement>()
    for (const statement of entry.statements) {
      statements.set(statement.id, await this.#prepare(statement))
    }
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    const settled = (request: DualRequest) => {
      const answer = request.answers[TARGET]
      const isOk = request.status[TARGET] === STATUS.OK
      resolve(isOk ? undefined : answer === undefined ? request.reasons[TARGET] : errorText(answer))
    }
    const owner = { onSettled: settled, onUnprepared: settled }
    const request = toRequest(entry, owner, id => statements.get(id)!)
    if (!this.#link.send(request)) return 'the connection was lost'
    return await promise
  }

  close(): void {
    this.#link.close()
  }

  #prepare(statement: JournalStatement): Promise<PreparedStatement> {
    let prepared = this.#statements.get(statement.id)
    if (prepared === undefined) {
      prepared = this.#prepareNow(statement)
      this.#statements.set(statement.id, prepared)
    }
    return prepared
  }

  async #prepareNow({ id, query, keyspace }: JournalStatement): Promise<PreparedStatement> {
    const { version, endpoint } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<PreparedStatement>()
    const sent = this.#link.send({
      writeTo: (writer: ByteWriter, stream: number) =>
        writeMessage(writer, { kind: 'PREPARE', query, keyspace }, { version, stream }),
      onAnswer: frame => {
        const reader = new ByteReader(frame.bytes, answerBodyAt(frame), frame.end)
        const message = decodeBody(reader, frame.opcode, version)
        if (message.kind !== 'RESULT' || message.result !== 'PREPARED') {
          reject(lost(endpoint, `a statement cannot be prepared: ${errorText(frame)}`))
          return
        }
        const statement = new PreparedStatement({
          clientId: Buffer.from(id, 'hex'),
          query,
          clientQuery: query,
          keyspace,
          info: classify(query),
          isFiltered: false,
          added: [],
          obstacle: undefined,
        })
        statement.setIds(TARGET, message.preparedId, message.resultMetadataId)
        resolve(statement)
      },
      onLost: (_, reason) => reject(lost(endpoint, reason)),
    })
    if (!sent) reject(lost(endpoint, 'the connection was lost'))
    return await promise
  }
}

/** Name of the code only: messages of a server may quote values. */
function errorText(frame: Pick<FrameView, 'flags' | 'opcode' | 'bytes' | 'start' | 'end'>): string {
  return errorCodeName(errorCodeOf(frame))
}

function lost({ label, host, port }: Endpoint, reason: string): ScamanderError {
  return new ScamanderError(PROXY_ERRORS.LINK, `${label} (${host}:${port}): ${reason}`)
}

function quote(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `"${name.replaceAll('"', '""')}"`
}
