/**
 * Deliveries with a real store and receivers on loopback: the oldest first however many wait, and an end
 * that waits for nobody.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Logger } from '../telemetry/index.ts'
import { AlertDesk } from './alert-desk.ts'
import { DeliveryDesk } from './delivery-desk.ts'
import { sendMail } from './mail.ts'
import { Store } from './store.ts'

const MESSAGE = { event: 'alert.failed', text: 'Nightly failed', facts: {} }
const MAIL = { from: 'a@b', to: ['c@d'], subject: 's', text: 't' }
/** No request leaves the process for this port: it is closed to clients of HTTP. */
const REFUSED = 'http://127.0.0.1:9/hook'
let folder: string
let store: Store
let desk: DeliveryDesk
/** Takes connections and says nothing. */
let silent: Server
let port: number
const sockets: Socket[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-deliveries-'))
  store = new Store(folder)
  desk = new DeliveryDesk({ store, logger: Logger.silent(), onChanged: () => undefined })
  silent = createServer(socket => sockets.push(socket.on('error', () => undefined)))
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  port = (silent.address() as AddressInfo).port
})
afterEach(async () => {
  vi.useRealTimers()
  await desk.close()
  store.close()
  for (const socket of sockets.splice(0)) socket.destroy()
  silent.close()
  rmSync(folder, { recursive: true, force: true })
})

function channel(url: string): string {
  const alerts = new AlertDesk({ store, logger: Logger.silent(), emit: () => undefined })
  return alerts.putChannel({ name: 'ops', kind: 'webhook', properties: { url } }).id
}

describe('deliveries', () => {
  it('are sent, the oldest first, however many wait', async () => {
    const id = channel(REFUSED)
    const waiting = (nextAt: string) =>
      store.addEvent('delivery', {
        ...{ channel: id, channelName: 'ops', text: '', message: MESSAGE },
        ...{ state: 'waiting', attempts: 0, result: '', nextAt },
      }).id
    const oldest = waiting(new Date().toISOString())
    for (let n = 0; n < 250; n++) waiting(new Date(Date.now() + 60_000).toISOString())
    const newest = waiting(new Date().toISOString())
    desk.queue(id, MESSAGE)
    const attemptsOf = (one: number) => JSON.parse(store.event('delivery', one)!.json).attempts
    await vi.waitFor(() => expect([oldest, newest].map(attemptsOf)).toEqual([1, 1]))
    desk.resend(oldest)
    expect(attemptsOf(oldest)).toBe(0)
    await vi.waitFor(() => expect(attemptsOf(oldest)).toBe(1))
  })

  it('do not bring down the process when the store fails', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    desk.start()
    store.close()
    expect(() => vi.advanceTimersByTime(5_000)).not.toThrow()
  })

  it('that the end cuts off wait for the next start, without an attempt', async () => {
    desk.queue(channel(`http://127.0.0.1:${port}/hook`), MESSAGE)
    await vi.waitFor(() => expect(sockets.length).toBe(1))
    const startMs = performance.now()
    await desk.close()
    expect(performance.now() - startMs).toBeLessThan(2_000)
    expect(desk.list()).toMatchObject([{ state: 'waiting', attempts: 0, result: '' }])
  })

  it('are refused once closed', async () => {
    const id = channel(`http://127.0.0.1:${port}/hook`)
    await desk.close()
    await expect(desk.tell(id, MESSAGE)).rejects.toThrow('the server ends')
    desk.queue(id, MESSAGE)
    expect([desk.list()[0]?.state, sockets.length]).toEqual(['waiting', 0])
  })

  it('end by the signal of who tells', async () => {
    const id = channel(`http://127.0.0.1:${port}/hook`)
    const controller = new AbortController()
    const told = desk.tell(id, MESSAGE, controller.signal)
    await vi.waitFor(() => expect(sockets.length).toBe(1))
    controller.abort(new Error('the run was stopped'))
    await expect(told).rejects.toThrow('the run was stopped')
  })

  it.each(['none', 'starttls', 'tls'] as const)('of mail end at once: %s', async security => {
    const controller = new AbortController()
    const server = { host: '127.0.0.1', port, security, user: '', password: '' }
    const sent = sendMail(server, MAIL, controller.signal)
    await vi.waitFor(() => expect(sockets.length).toBe(1))
    if (security === 'starttls') {
      // The handshake of TLS is never answered.
      sockets[0]!.write('220 here\r\n250 here\r\n220 go on\r\n')
      const [hello] = await once(sockets[0]!, 'data')
      if (!String(hello).includes('STARTTLS')) await once(sockets[0]!, 'data')
    }
    controller.abort(new Error('the server ends'))
    await expect(sent).rejects.toThrow('the server ends')
  })
})
