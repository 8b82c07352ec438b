/**
 * Where a login goes that the topic of state leads to.
 */
import { expect, it } from 'vitest'
import { mayGetLogin } from './owner-finder.ts'

it.each([
  ['https://worker.example:8083', [], true],
  ['http://127.0.0.1:8083', [], true],
  ['http://[::1]:8083', [], true],
  ['http://localhost:8083', [], true],
  ['http://worker.example:8083', [], false],
  ['http://127.0.0.1.evil.example:8083', [], false],
  ['http://localhost@evil.example', [], false],
  ['http://worker.example:8083', ['Worker.example'], true],
  ['https://evil.example', ['worker.example'], false],
  ['http://127.0.0.1:8083', ['worker.example'], false],
  ['nothing', [], false],
] as const)('%s, hosts %j: %s', (url, hosts, isAllowed) => {
  expect(mayGetLogin(url, hosts)).toBe(isAllowed)
})
