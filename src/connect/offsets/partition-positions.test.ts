/**
 * What a change of positions means: read again, skipped, clamped, refused.
 */
import { describe, expect, it } from 'vitest'
import { type PartitionRange, previewPositions } from './partition-positions.ts'

const range: PartitionRange = {
  ...{ topic: 't', partition: 0, earliest: 10, latest: 100, committed: 50 },
}
const at = (topic: string, partition: number) => ({ topic, partition })
const offsetAt = (_topic: string, _partition: number, ms: number) =>
  Promise.resolve(ms > 5 ? -1 : 20)

async function one(to: Parameters<typeof previewPositions>[1][number]['to'], value?: string) {
  const change = { ...at('t', 0), to, ...(value === undefined ? {} : { value }) }
  const { items } = await previewPositions([range], [change], offsetAt)
  return [items[0]?.next, items[0]?.again, items[0]?.skipped]
}

describe('preview of positions', () => {
  it.each([
    ['earliest', undefined, ['10', '40', '0']],
    ['latest', undefined, ['100', '0', '50']],
    ['offset', '60', ['60', '0', '10']],
    ['shift', '-15', ['35', '15', '0']],
    ['shift', '-1000', ['10', '40', '0']],
    ['time', '5', ['20', '30', '0']],
    ['time', '6', ['100', '0', '50']],
    ['remove', undefined, [null, '40', '0']],
  ] as const)('%s %s', async (to, value, expected) => {
    expect(await one(to, value)).toEqual(expected)
  })

  it('adds up, and counts what changes', async () => {
    const other = { ...range, partition: 1, committed: undefined }
    const changes = [
      { ...at('t', 0), to: 'offset', value: '50' },
      { ...at('t', 1), to: 'latest' },
    ] as const
    const { again, skipped, changed } = await previewPositions([range, other], changes, offsetAt)
    expect([again, skipped, changed]).toEqual(['0', '90', 1])
  })

  it.each([
    ['offset', '9'],
    ['offset', '101'],
    ['offset', 'many'],
    ['time', undefined],
  ] as const)('refuses %s %s', async (to, value) => {
    await expect(one(to, value)).rejects.toMatchObject({ code: 'SCM_CONNECT_POSITION_REFUSED' })
  })
})
