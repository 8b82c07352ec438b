/**
 * One question about system.local or system.peers on its way: asks the source for the tables it needs
 * on the client's own link, then answers the client.
 * Made by answer-query.ts; ends with exactly one answer.
 * Spec: live-migration 2.7.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import {
  ByteReader,
  decodeBody,
  type FrameView,
  OPCODE,
  type ProtocolVersion,
  writeMessage,
} from '../../cql/index.ts'
import { SOURCE } from '../cluster.ts'
import { answerBodyAt } from '../link/answer-body.ts'
import type { LinkRequest } from '../link/cluster-link.ts'
import { FrameCopy } from '../link/frame-copy.ts'
import type { DualRequest } from '../request/dual-request.ts'
import type { ClientSession } from '../session/client-session.ts'
import { invalidError, overloadedError } from '../session/proxy-errors.ts'
import type { BoundValues } from './bound-values.ts'
import { renameNodes } from './node-names.ts'
import { type SystemTable, select, toSystemTable } from './system-rows.ts'
import type { SystemSelect } from './system-select.ts'
import { localOfTopology, peersOfTopology } from './topology.ts'

export class SystemAnswer {
  readonly #session: ClientSession
  readonly #request: DualRequest
  readonly #select: SystemSelect
  readonly #values: BoundValues
  readonly #tables = new Map<string, SystemTable>()
  #isDone = false

  constructor(
    session: ClientSession,
    request: DualRequest,
    wanted: { readonly select: SystemSelect; readonly values: BoundValues },
  ) {
    this.#session = session
    this.#request = request
    this.#select = wanted.select
    this.#values = wanted.values
  }

  start(): void {
    if (!this.#session.track(this.#request)) return
    const { topology } = this.#session.context.settings
    const { table } = this.#select
    if (topology !== undefined && table === 'peers_v2') {
      this.#end(() => this.#refuse('unconfigured table peers_v2'))
      return
    }
    const tables = topology === undefined ? [table] : [...new Set(['local', table])]
    for (const name of tables) this.#fetch(name, tables.length)
  }

  #fetch(table: string, count: number): void {
    const { version } = this.#session
    const fetch = new TableFetch(table, version, outcome => {
      if (outcome instanceof FrameCopy) {
        const { stream } = this.#request
        this.#end(() => this.#session.replyFrame(stream, version, outcome))
      } else if (typeof outcome === 'string') {
        this.#end(() => this.#session.replyError(this.#request.stream, overloadedError(outcome)))
      } else {
        this.#tables.set(table, outcome)
        if (this.#tables.size === count) this.#end(() => this.#answer())
      }
    })
    if (this.#session.links.links[SOURCE]?.send(fetch) !== true) {
      this.#end(() =>
        this.#session.replyError(this.#request.stream, overloadedError('The source is busy')),
      )
    }
  }

  #answer(): void {
    const { stream, version } = this.#request
    const result = select(this.#visible(), this.#select, this.#values)
    if (typeof result === 'string') this.#refuse(result)
    else this.#session.reply(stream, version, result)
  }

  #refuse(message: string): void {
    this.#session.replyError(this.#request.stream, invalidError(message))
  }

  /** The table as clients are to see it. */
  #visible(): SystemTable {
    const { settings, address } = this.#session.context
    const { topology, ghostIps, isStrictPeers: isStrict } = settings
    const { table: name } = this.#select
    const table = this.#tables.get(name)!
    const proxyPort = address.port
    if (topology === undefined) {
      return renameNodes(table, { ghostIps, isStrict, proxyPort }, name !== 'local')
    }
    const local = this.#tables.get('local')!
    if (name === 'local') return localOfTopology(local, topology, proxyPort)
    return peersOfTopology(local, table.columns, { topology, proxyPort })
  }

  #end(reply: () => void): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#session.release(this.#request)
    reply()
    this.#session.finish()
  }
}

type Outcome = SystemTable | FrameCopy | string

class TableFetch implements LinkRequest {
  readonly #table: string
  readonly #version: ProtocolVersion
  readonly #onOutcome: (outcome: Outcome) => void

  constructor(table: string, version: ProtocolVersion, onOutcome: (outcome: Outcome) => void) {
    this.#table = table
    this.#version = version
    this.#onOutcome = onOutcome
  }

  writeTo(writer: ByteWriter, stream: number): number {
    const query = `SELECT * FROM system.${this.#table}`
    const version = this.#version
    const message = { kind: 'QUERY', query, parameters: { consistency: 1 } } as const
    return writeMessage(writer, message, { version, stream })
  }

  onAnswer(frame: FrameView): void {
    if (frame.opcode === OPCODE.ERROR) {
      this.#onOutcome(new FrameCopy(frame))
      return
    }
    const reader = new ByteReader(frame.bytes, answerBodyAt(frame), frame.end)
    const message = decodeBody(reader, frame.opcode, this.#version)
    const isRows = message.kind === 'RESULT' && message.result === 'ROWS'
    this.#onOutcome(isRows ? toSystemTable(message) : 'The source answered without rows')
  }

  onLost(): void {
    this.#onOutcome('The source connection was lost')
  }
}
