import { describe, expect, it } from 'vitest'
import { ApiError } from '../api-client.ts'
import { adviceOf } from './panel.tsx'

describe('advice of an error', () => {
  it.each([
    [409, 'Connector a already exists', 'Choose another name.'],
    [409, 'the destination a exists already', 'Choose another name.'],
    [409, 'a rebalance is under way', 'Something changed meanwhile. Wait a moment and try again.'],
    [404, 'no such job', 'It may have been deleted or renamed meanwhile.'],
  ])('%s, %s', (status, message, advice) => {
    expect(adviceOf(new ApiError(status, message))).toBe(advice)
  })

  it('of the server comes first', () => {
    expect(adviceOf(new ApiError(409, 'it exists already', { advice: 'Do so.' }))).toBe('Do so.')
  })
})
