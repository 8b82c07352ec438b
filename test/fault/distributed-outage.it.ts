/**
 * Three workers with 20 connectors under load: restarted one after the other, without Kafka for
 * longer than the session, with a leader that the others cannot reach. No record is missing, and
 * nothing runs twice for longer than the stated bound.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DistributedScene, SESSION_MS } from '../support/distributed-scene.ts'
import { order } from '../support/faults.ts'
import { until } from '../support/standalone.ts'

let scene: DistributedScene

beforeEach(async () => {
  scene = await DistributedScene.open()
})
afterEach(() => scene.close())

it('a rolling restart loses nothing', async () => {
  let present = [...(await scene.startThree())]
  for (const worker of [...present]) {
    expect(await worker.kill('SIGTERM')).toBe(0)
    present = present.filter(one => one !== worker)
    await scene.untilRuns(present[0]!, present)
    const fresh = await scene.cluster.start()
    present = [...present, fresh]
    await scene.untilShared(present[0]!, present, fresh)
  }
  await scene.ledger.untilProgress()
  await scene.verify('rolling restart:', [])
})

it('Kafka away for longer than the session stops all work and brings it back', async () => {
  const three = await scene.startThree()
  await order('kafka', 'pause')
  await until('every worker lets go', () =>
    three.every(worker => worker.logs().includes('lets go of all its work')),
  )
  await sleep(SESSION_MS)
  await order('kafka', 'resume')
  const recoveryMs = await scene.recovery(three[0], three)
  await scene.verify('Kafka frozen:', [], { recoveryMs })
})

it('a leader that other workers cannot reach leaves reads and tasks alone', async () => {
  const gate = await Gate.open()
  try {
    const first = await scene.cluster.start({ 'rest.advertised.port': String(gate.port) })
    gate.to(Number(new URL(first.url).port))
    const second = await scene.cluster.start()
    await scene.ledger.create(second)
    scene.ledger.flow()
    const leader = { ...first, workerId: `127.0.0.1:${gate.port}` }
    await scene.untilRuns(second, [leader, second])
    gate.shut()
    const path = `/connectors/${scene.ledger.names[0]}`
    const write = await second.call('PUT', `${path}/pause`)
    expect(write.status).toBe(500)
    expect(write.json.message).toContain('IO Error trying to forward REST request')
    expect((await second.call('GET', path)).status).toBe(200)
    await scene.ledger.untilProgress()
    expect(await scene.runs(second, [leader, second])).toBe(true)
    gate.reopen()
    expect((await second.call('PUT', `${path}/pause`)).status).toBe(202)
    expect((await second.call('PUT', `${path}/resume`)).status).toBe(202)
    await scene.verify('leader cut off:', [])
  } finally {
    gate.close()
  }
})

/** A TCP forwarder that can be shut. */
class Gate {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target = 0
  #isShut = false

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
    server.on('connection', socket => this.#forward(socket))
  }

  static async open(): Promise<Gate> {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return new Gate(server, address.port)
  }

  to(port: number): void {
    this.#target = port
  }

  shut(): void {
    this.#isShut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  reopen(): void {
    this.#isShut = false
  }

  close(): void {
    this.shut()
    this.#server.close()
  }

  #forward(socket: Socket): void {
    if (this.#isShut) {
      socket.destroy()
      return
    }
    const other = connect(this.#target, '127.0.0.1')
    for (const one of [socket, other]) {
      this.#sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        this.#sockets.delete(one)
        socket.destroy()
        other.destroy()
      })
    }
    socket.pipe(other).pipe(socket)
  }
}
