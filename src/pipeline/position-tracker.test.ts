/** What was read and is not settled, of one partition. */
import { expect, it } from 'vitest'
import { PositionTracker } from './position-tracker.ts'

const at = (offset: number) => ({ topic: 't', partition: 0, offset })

/** A partition of which records before `nextOffset` were read. */
function read(nextOffset: number) {
  const positions = new PositionTracker()
  positions.assign(at(5))
  const epoch = positions.epoch('t', 0)!
  positions.noteRead({ ...at(5), epoch, nextOffset })
  return { positions, epoch }
}

it('tells the first record that was read and is not settled', () => {
  const { positions, epoch } = read(9)
  expect(positions.unsettledOffset(at(0))).toBe(5)
  positions.settle(at(7), epoch, 1)
  expect(positions.unsettledOffset(at(0))).toBe(7)
})

it('tells nothing once all that was read is settled, or before anything was', () => {
  const { positions, epoch } = read(9)
  positions.settle(at(9), epoch, 1)
  expect(positions.unsettledOffset(at(0))).toBeUndefined()
  // The log begins behind the committed offset: the consumer knows, and nothing was read yet.
  positions.assign(at(5))
  expect(positions.unsettledOffset(at(0))).toBeUndefined()
})

it('forgets what was read before a rewind', () => {
  const { positions, epoch } = read(9)
  positions.hold(at(0))
  expect(positions.unsettledOffset(at(0))).toBe(5)
  positions.startEpoch(at(0))
  expect(positions.unsettledOffset(at(0))).toBeUndefined()
  positions.noteRead({ ...at(5), epoch, nextOffset: 9 })
  expect(positions.unsettledOffset(at(0))).toBeUndefined()
})
