/**
 * IP addresses between text and bytes, for [inet] and for the CQL type inet.
 * IPv6 is written in its shortest form (RFC 5952); zone identifiers are not part of an address.
 * Invariant: parseInet(formatInet(b)) equals b for every 4 or 16 bytes.
 */
import { isIPv4, isIPv6 } from 'node:net'

/** The 4 or 16 bytes of an address; undefined when the text is none. */
export function parseInet(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number))
  if (!isIPv6(text) || text.includes('%')) return undefined
  return parseIpv6(text)
}

/** Only called with text that `isIPv6` accepted, so the groups are known to be well formed. */
function parseIpv6(text: string): Buffer {
  const [head = '', tail] = text.split('::')
  const before = toGroups(head)
  const after = tail === undefined ? [] : toGroups(tail)
  const out = Buffer.alloc(16)
  before.forEach((group, i) => {
    out.writeUInt16BE(group, i * 2)
  })
  after.forEach((group, i) => {
    out.writeUInt16BE(group, (8 - after.length + i) * 2)
  })
  return out
}

function toGroups(text: string): number[] {
  if (text === '') return []
  const out: number[] = []
  for (const part of text.split(':')) {
    if (part.includes('.')) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
      out.push(a * 256 + b, c * 256 + d)
    } else out.push(Number.parseInt(part, 16))
  }
  return out
}

/** The canonical text of `length` (4 or 16) address bytes. */
export function formatInet(bytes: Uint8Array, start: number, length: number): string {
  if (length === 4) {
    return `${bytes[start]}.${bytes[start + 1]}.${bytes[start + 2]}.${bytes[start + 3]}`
  }
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push(bytes[start + i]! * 256 + bytes[start + i + 1]!)
  if (isMappedIpv4(groups)) return `::ffff:${formatInet(bytes, start + 12, 4)}`
  const [from, count] = longestZeroRun(groups)
  if (count < 2) return groups.map(toHex).join(':')
  const before = groups.slice(0, from).map(toHex).join(':')
  return `${before}::${groups
    .slice(from + count)
    .map(toHex)
    .join(':')}`
}

function toHex(group: number): string {
  return group.toString(16)
}

function isMappedIpv4(groups: readonly number[]): boolean {
  for (let i = 0; i < 5; i++) if (groups[i] !== 0) return false
  return groups[5] === 0xffff
}

function longestZeroRun(groups: readonly number[]): [from: number, count: number] {
  let best = 0
  let bestCount = 0
  for (let i = 0; i < groups.length; i++) {
    let count = 0
    while (groups[i + count] === 0) count++
    if (count > bestCount) {
      best = i
      bestCount = count
    }
    i += count
  }
  return [best, bestCount]
}
