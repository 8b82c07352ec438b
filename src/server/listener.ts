/**
 * Addresses of the server as `listeners` spells them. An empty host means every address in Kafka
 * Connect; here it does so only when a login is demanded, and 127.0.0.1 otherwise.
 * Called at start, before anything is opened.
 * Invariant: without a login, and without a way to make the first one, nothing listens where another machine
 * could connect.
 * Spec: connect-rest 8; design, decision 10.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { SERVER_ERRORS } from './errors.ts'

export interface Listener {
  readonly scheme: 'http' | 'https'
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

const LISTENER =
  /^(?<scheme>[a-z]+):\/\/(?:\[(?<v6>[0-9a-f:.]+)\]|(?<host>[^:/[\]\s]*)):(?<port>\d{1,5})\/?$/i

/** What stands between other machines and the server: a login, or the code that makes the first user. */
export type Guarded = 'login' | 'setup' | 'nothing'

/** `key` is the setting, for messages. */
export function parseListener(text: string, key: string, guarded: Guarded): Listener {
  const parts = LISTENER.exec(text.trim())?.groups
  const port = Number(parts?.['port'])
  const scheme = parts?.['scheme']?.toLowerCase()
  if (parts === undefined || port > 65_535 || (scheme !== 'http' && scheme !== 'https')) {
    throw refused(`${key}: expected http://host:port or https://host:port, found ${text}`)
  }
  const given = parts['v6'] ?? parts['host'] ?? ''
  const host = given === '' ? (guarded === 'login' ? '::' : '127.0.0.1') : given
  if (guarded === 'nothing' && !isLoopback(host)) {
    const message = `${key}: ${text} can be reached from other machines, and no login is configured`
    throw new ScamanderError(SERVER_ERRORS.LOGIN_REQUIRED, message)
  }
  return { scheme, host, port }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** `host:port` as URLs write it. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function refused(message: string): ScamanderError {
  return new ScamanderError(SERVER_ERRORS.LISTENER, message)
}
