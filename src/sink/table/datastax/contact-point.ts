/**
 * Syntax of contact points: literal IPv4 or IPv6 addresses and domain names, for the driver's form
 * also `host:port`. Nothing is resolved here.
 * Spec: cassandra-sink 3.1, 3.7.
 */
import { isIP } from 'node:net'
import type { Validator } from '../../../config/index.ts'
import type { ContactPointSetting } from './settings.ts'

const LABEL = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?$/u

/** True for an address or a syntactically valid domain name. */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true
  const labels = text.replace(/\.$/, '').split('.')
  const last = labels.at(-1)!
  return text.length <= 253 && labels.every(label => LABEL.test(label)) && !/^\d/.test(last)
}

/** `host:port` of the driver; an IPv6 address may stand in brackets. */
export function parseHostPort(text: string): ContactPointSetting | undefined {
  const match = /^(.*):(\d{1,5})$/s.exec(text)
  if (match === null) return undefined
  const host = match[1]!.replace(/^\[(.*)\]$/, '$1')
  const port = Number(match[2])
  return isHost(host) && port >= 1 && port <= 65535 ? { host, port } : undefined
}

export function contactPointList(): Validator<readonly string[]> {
  return listOf('IP addresses or host names, separated by commas', isHost)
}

export function hostPortList(): Validator<readonly string[]> {
  return listOf('entries of the form host:port', text => parseHostPort(text) !== undefined)
}

function listOf(expected: string, isGood: (text: string) => boolean): Validator<readonly string[]> {
  return {
    expected,
    check: entries => {
      const bad = entries.filter(entry => !isGood(entry))
      if (bad.length === 0) return []
      return [`expected ${expected}; bad: ${bad.map(entry => `"${entry}"`).join(', ')}`]
    },
  }
}
