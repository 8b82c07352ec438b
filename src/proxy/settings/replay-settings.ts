/**
 * The arguments of `scamander proxy-replay`: the cluster to write to and the journal folder, with the
 * option names of the proxy.
 * Called by the command before anything is opened.
 * Spec: live-migration 2.10.
 */
import type { ClusterName } from '../cluster.ts'
import { optionError } from '../errors.ts'
import { ArgumentReader, parseArguments } from './argument-parser.ts'
import { loadClusterTls } from './load-tls.ts'
import { PROXY_OPTIONS, type ProxyOption } from './options.ts'
import type { ClusterSettings, ProxySettings } from './proxy-settings.ts'

const SHARED: ReadonlySet<string> = new Set([
  'target-port',
  'target-identifier',
  'target-username',
  'target-password',
  'disable-target-tls',
  'target-ca',
  'target-cert',
  'target-key',
  'verify-hostname',
])

export const REPLAY_OPTIONS: readonly ProxyOption[] = [
  { name: 'journal', type: 'string', doc: 'folder that the proxy wrote' },
  {
    name: 'missed-by',
    type: 'choice',
    choices: ['target', 'source'],
    fallback: 'target',
    doc: 'replay the writes that this cluster of the proxy missed',
  },
  ...PROXY_OPTIONS.filter(option => SHARED.has(option.name)),
]

export interface ReplaySettings {
  readonly journalDir: string
  readonly missedBy: ClusterName
  readonly target: ClusterSettings
  readonly login: ProxySettings['targetLogin']
}

export function readReplaySettings(args: readonly string[]): ReplaySettings {
  const parsed = parseArguments(args, REPLAY_OPTIONS)
  const reader = new ArgumentReader(parsed, REPLAY_OPTIONS)
  const [host, ...more] = parsed.positionals
  const journalDir = reader.text('journal')
  if (host === undefined) throw optionError('expected the cluster to write to, found none')
  if (more.length > 0) throw optionError(`expected one cluster, found ${more.join(' ')} too`)
  if (journalDir === undefined) throw optionError('--journal: expected a folder, found none')
  const username = reader.text('target-username')
  const password = reader.text('target-password')
  if ((username === undefined) !== (password === undefined)) {
    throw optionError('--target-username and --target-password: expected both or neither')
  }
  const isPlain = reader.boolean('disable-target-tls')
  const tls = isPlain ? undefined : loadClusterTls(reader, 'target').material
  const label = reader.text('target-identifier')!
  return {
    journalDir,
    missedBy: reader.text('missed-by') as ClusterName,
    target: { host, port: reader.int('target-port', 1, 65_535), label, tls },
    login: username === undefined ? undefined : { username, password: password! },
  }
}
