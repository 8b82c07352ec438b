/**
 * Where a cluster is and how its connections are secured; opens sockets to it.
 * Built once from the settings, used for every link and probe.
 * Invariant: without a CA the certificate is not verified, as the replaced proxy does it; with one
 * it always is, and the host name too when asked for.
 * Spec: live-migration 1.4 (TLS to clusters).
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

export interface Endpoint {
  readonly host: string
  readonly port: number
  /** The label in logs and metrics. */
  readonly label: string
  readonly tls: ConnectionOptions | undefined
}

const KEEP_ALIVE_MS = 30_000

/** A socket on its way; errors come as events. */
export function openSocket(endpoint: Endpoint): Socket {
  const { host, port, tls } = endpoint
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const socket =
    tls === undefined
      ? connectTcp({ host, port })
      : connectTls({ ...tls, ...servername, host, port })
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  return socket
}
