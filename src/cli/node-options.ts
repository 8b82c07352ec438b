/**
 * Options of commands that ask a Cassandra node themselves: `cdc-agent` and `cdc dump`. Each stands for
 * a key of the worker's properties, which says what it means and is checked in one place.
 * Spec: cdc-replication 2.5, 2.6.
 */
import type { Command } from 'commander'

export interface NodeFlags {
  readonly username?: string
  readonly password?: string
  readonly ssl?: boolean
  readonly sslTruststorePath?: string
  readonly sslTruststorePassword?: string
  readonly sslKeystorePath?: string
  readonly sslKeystorePassword?: string
  readonly sslHostnameValidation?: boolean
}

const KEYS = {
  username: 'cdc.auth.username',
  password: 'cdc.auth.password',
  sslTruststorePath: 'cdc.ssl.truststore.path',
  sslTruststorePassword: 'cdc.ssl.truststore.password',
  sslKeystorePath: 'cdc.ssl.keystore.path',
  sslKeystorePassword: 'cdc.ssl.keystore.password',
} as const

export function addNodeOptions(command: Command): Command {
  return command
    .option('-u, --username <name>', 'login of the node')
    .option('-p, --password <password>', 'its password')
    .option('--ssl', 'connect by TLS; the other options of TLS imply it')
    .option('--ssl-truststore-path <file>', 'certificates to trust: JKS, PKCS12 or PEM')
    .option('--ssl-truststore-password <password>', 'of that store')
    .option('--ssl-keystore-path <file>', 'own certificate and key: JKS, PKCS12 or PEM')
    .option('--ssl-keystore-password <password>', 'of that store')
    .option('--no-ssl-hostname-validation', 'the certificate may carry another name')
}

/** As keys of the worker's properties; only what was given. */
export function nodeKeys(flags: NodeFlags): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, key] of Object.entries(KEYS)) {
    const value = flags[name as keyof typeof KEYS]
    if (value !== undefined) out[key] = value
  }
  // On unless it is switched off.
  const isUnchecked = flags.sslHostnameValidation === false
  if (isUnchecked) out['cdc.ssl.hostnameValidation'] = 'false'
  const isTls = flags.ssl === true || isUnchecked || Object.keys(out).some(isOfTls)
  if (isTls) out['cdc.ssl.enabled'] = 'true'
  return out
}

function isOfTls(key: string): boolean {
  return key.startsWith('cdc.ssl.')
}
