/**
 * The origin of a space from what a person enters: a host, an origin, or any address of the space.
 * Called when a connection is saved and when it is used.
 * Invariant: plain http is only for loopback and private addresses, unless it was allowed.
 * Spec: backlog-replication 1.1.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { BACKLOG_ERRORS } from './errors.ts'

export function toOrigin(text: string, allowPlainHttp = false): string {
  const given = text.trim()
  const url = URL.parse(/^[a-z]+:\/\//i.test(given) ? given : `https://${given}`)
  if (
    url === null ||
    given === '' ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== ''
  ) {
    const message = 'URL: expected a host or an address such as https://acme.backlog.com'
    throw new ScamanderError(BACKLOG_ERRORS.URL, message)
  }
  if (url.protocol === 'http:' && !allowPlainHttp && !isPrivate(url.hostname)) {
    const message = `URL: ${url.host} would be reached by plain http, which shows the key to the network; use https, or allow plain http`
    throw new ScamanderError(BACKLOG_ERRORS.URL, message)
  }
  return url.origin
}

function isPrivate(host: string): boolean {
  return (
    host === 'localhost' ||
    host === '[::1]' ||
    /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\./.test(host)
  )
}
