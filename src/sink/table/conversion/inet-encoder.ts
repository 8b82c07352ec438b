/**
 * Encoder of inet: IP literals, and host names that the codec's resolver knows.
 * Invariant: never waits; a name that the resolver does not know is refused as `unknown host`.
 * An IPv4 address written as IPv6 (`::ffff:1.2.3.4`) is four bytes. Spec: cassandra-sink 9.4.
 */
import { isIPv4, isIPv6 } from 'node:net'
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { CellEncoder, type Status, VALUE } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'

const MAPPED_PREFIX = Buffer.from('00000000000000000000ffff', 'hex')

export class InetEncoder extends CellEncoder {
  constructor(codec: Codec) {
    super('inet', codec)
  }

  override fromText(writer: ByteWriter, text: string): Status {
    const address = parseAddress(text) ?? this.#resolve(text)
    writer.writeBytes(address)
    return VALUE
  }

  #resolve(name: string): Buffer {
    if (!/^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?$/.test(name)) {
      return this.refuse('not an address', 'text')
    }
    return this.codec.hosts?.lookup(name) ?? this.refuse('unknown host', 'text')
  }
}

/** Bytes of an IP literal, brackets around IPv6 allowed; undefined for anything else. */
export function parseAddress(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number))
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  if (!isIPv6(bare) || bare.includes('%')) return undefined
  const bytes = parseIpv6(bare)
  return bytes.subarray(0, 12).equals(MAPPED_PREFIX) ? bytes.subarray(12) : bytes
}

function parseIpv6(text: string): Buffer {
  const [left = '', right] = text.split('::')
  const head = parseGroups(left)
  const tail = right === undefined ? [] : parseGroups(right)
  const zeros = new Array<number>(16 - head.length - tail.length).fill(0)
  return Buffer.from([...head, ...zeros, ...tail])
}

function parseGroups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap(group => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
