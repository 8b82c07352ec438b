/**
 * Calls of the page against a server that counts them.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ApiError, call } from './api-client.ts'

let server: Server
let url: string
let calls: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => (body += chunk))
    request.on('end', () => {
      calls.push(`${request.method} ${request.url} ${body}`)
      const isRefused = request.url === '/refused'
      response.writeHead(isRefused ? 409 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(isRefused ? { detail: 'no' } : { count: calls.length }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  calls = []
})
afterAll(async () => {
  await new Promise(resolve => server.close(resolve))
})

it('makes a change once that a double click asks for twice', async () => {
  const first = call('POST', `${url}/records`, { value: 'a' })
  expect(await first).toEqual({ count: 1 })
  expect(await call('POST', `${url}/records`, { value: 'a' })).toEqual({ count: 1 })
  expect(calls).toEqual(['POST /records {"value":"a"}'])
})

it('makes changes that differ, and reads as often as it is asked', async () => {
  await Promise.all([
    call('POST', `${url}/other`, { value: 'a' }),
    call('POST', `${url}/other`, { value: 'b' }),
    call('PUT', `${url}/other`, { value: 'a' }),
    call('GET', `${url}/other`),
    call('GET', `${url}/other`),
  ])
  expect(calls).toHaveLength(5)
})

it('makes a change again that another one of the same place undid', async () => {
  for (const verb of ['pause', 'resume', 'pause']) await call('PUT', `${url}/connectors/a/${verb}`)
  for (const enabled of [true, false, true]) await call('PATCH', `${url}/jobs/a`, { enabled })
  expect(calls).toHaveLength(6)
})

it('makes a change of several once each that a double click asks for twice', async () => {
  const pauseAll = () =>
    Promise.all(['b', 'c'].map(name => call('PUT', `${url}/connectors/${name}/pause`)))
  await pauseAll()
  await pauseAll()
  expect(calls).toHaveLength(2)
})

it('makes the same change again when the double click is over', async () => {
  await call('POST', `${url}/again`)
  await expect.poll(() => call('POST', `${url}/again`)).toEqual({ count: 2 })
})

it('tells both clicks what the server refused', async () => {
  const both = [call('POST', `${url}/refused`), call('POST', `${url}/refused`)]
  const told = await Promise.allSettled(both)
  expect(told.map(one => one.status)).toEqual(['rejected', 'rejected'])
  expect(told.every(one => (one as PromiseRejectedResult).reason instanceof ApiError)).toBe(true)
  expect(calls).toHaveLength(1)
})
