/**
 * Three workers with 20 connectors and 60 tasks under load: with a leader that the others cannot
 * reach, and without Kafka for longer than the session. No record is missing, and nothing runs twice
 * for longer than the stated bound.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { ClusterWorker } from '../support/cluster-workers.ts'
import { DistributedScene, SESSION_MS, untilTaken } from '../support/distributed-scene.ts'
import { order } from '../support/faults.ts'
import { until } from '../support/standalone.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 })

let scene: DistributedScene
let gate: Gate

beforeAll(async () => {
  scene = await DistributedScene.open()
  gate = await Gate.open()
  // The others reach the leader through the gate; the test does not.
  const first = scene.cluster.start({ 'rest.advertised.port': String(gate.port) })
  await scene.startThree(
    first.then(worker => {
      gate.to(Number(new URL(worker.url).port))
      return { ...worker, workerId: `127.0.0.1:${gate.port}` }
    }),
  )
})
afterAll(async () => {
  gate?.close()
  await scene?.close()
})

it('a leader that other workers cannot reach leaves reads and tasks alone', async () => {
  const second = scene.running[1]!
  gate.shut()
  const path = `/connectors/${scene.ledger.names[0]}`
  const write = await second.call('PUT', `${path}/pause`)
  expect(write.status).toBe(500)
  expect(write.json.message).toContain('IO Error trying to forward REST request')
  expect((await second.call('GET', path)).status).toBe(200)
  await scene.ledger.untilProgress()
  await scene.untilRuns(second, scene.running)
  gate.reopen()
  await untilTaken(second, `${path}/pause`)
  await untilTaken(second, `${path}/resume`)
  await scene.untilRuns(second, scene.running)
})

it('Kafka away for longer than the session stops all work and brings it back', async () => {
  await order('kafka', 'pause')
  const isLost = (worker: ClusterWorker) => worker.logs().includes('lets go of all its work')
  await until('every worker lets go', () => scene.running.every(isLost), 120_000)
  await sleep(SESSION_MS)
  await order('kafka', 'resume')
  const recoveryMs = await scene.recovery()
  await scene.verify('leader cut off, Kafka frozen:', { recoveryMs, SESSION_MS })
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
