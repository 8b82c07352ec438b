import { expect, it } from 'vitest'
import { Lease } from './lease.ts'

it('lasts from when the heartbeat was sent, and is seen through the shared memory', () => {
  const lease = new Lease()
  const other = new Lease(lease.memory)
  expect(other.isValid(1n)).toBe(false)
  lease.extend(1_000_000_000n, 250)
  expect(other.isValid(1_249_999_999n)).toBe(true)
  expect(other.leftMs(1_200_000_000n)).toBe(50)
  expect(other.isValid(1_250_000_000n)).toBe(false)
  expect(other.leftMs(9_000_000_000n)).toBe(0)
})

it('ends when it is revoked', () => {
  const lease = new Lease()
  lease.extend(1_000_000_000n, 250)
  lease.revoke()
  expect(lease.isValid(1_000_000_001n)).toBe(false)
})
