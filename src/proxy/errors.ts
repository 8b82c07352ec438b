/**
 * The error codes of the proxy room: settings that cannot be used and what keeps it from serving.
 * What a client of the proxy gets are protocol errors, made in session/proxy-errors.ts.
 * Invariant: messages name options, hosts and ports, never a credential.
 */
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'

export const PROXY_ERRORS = declareErrors('PROXY', {
  OPTION: {
    kind: 'config',
    summary: 'An option or argument of the proxy cannot be used.',
    advice: 'See `scamander proxy --help`.',
  },
  TLS: {
    kind: 'config',
    summary: 'Key or certificate files of the proxy cannot be used.',
    advice: 'Check the path, the password and that the key belongs to the certificate.',
  },
  LISTEN: {
    kind: 'fatal',
    summary: 'The proxy cannot listen on its port.',
    advice: 'Choose another --proxy-port or --metrics-port, or end the program that holds it.',
  },
  CLUSTERS: {
    kind: 'retriable',
    summary: 'A cluster did not answer at start, and --require-clusters is true.',
    advice: 'Check host, port and TLS of the cluster named in the message.',
  },
  NO_COMMON_VERSION: {
    kind: 'config',
    summary: 'Source, target and --protocol-version have no protocol version in common.',
    advice: 'Widen --protocol-version; the proxy forwards bodies and cannot translate them.',
  },
  LINK: {
    kind: 'disconnected',
    summary: 'A connection to a cluster was refused or lost.',
    advice: 'Check that the cluster runs and that its TLS and login settings match.',
  },
  THREAD: {
    kind: 'fatal',
    summary: 'A thread of the proxy ended by itself.',
    advice: 'Look at the log for its error and start the proxy again; report it when it repeats.',
  },
  JOURNAL: {
    kind: 'fatal',
    summary: 'The journal of undelivered writes cannot be read or written.',
    advice: 'Check the folder of --journal, its permissions and the free space.',
  },
})

/** A setting that cannot be used: which one, what was expected, what was found. */
export function optionError(message: string): ScamanderError {
  return new ScamanderError(PROXY_ERRORS.OPTION, message)
}
