import { describe, expect, it } from 'vitest'
import {
  decodeAssignment,
  decodeMetadata,
  encodeAssignment,
  encodeMetadata,
} from './group-codec.ts'
import { NO_WORK, shareOf } from './work-share.ts'

const share = shareOf(['a', 'b-c', '__proto__'], ['a-0', 'b-c-0', 'b-c-12', '__proto__-0'])

describe('messages of the group', () => {
  it('carry metadata', () => {
    const metadata = {
      workerUrl: 'http://127.0.0.1:8083',
      configOffset: 17,
      owned: share,
      version: '0.1.0',
    }
    const bytes = encodeMetadata(metadata)
    expect(decodeMetadata(bytes)).toEqual(metadata)
    expect(JSON.parse(bytes.toString()).tasks).toEqual({
      a: [0],
      'b-c': [0, 12],
      ['__proto__']: [0],
    })
  })

  it('carry assignments', () => {
    const assignment = {
      error: 'none' as const,
      leader: 'm-1',
      leaderUrl: 'http://127.0.0.1:8083',
      configOffset: 5,
      assigned: share,
      revoked: NO_WORK,
      delayMs: 100,
      generation: 3,
    }
    expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment)
  })

  it.each(['', '[]', 'null', '{"connectors":1}', '{"tasks":{"a":1}}'])('refuse %j', text => {
    const expected = expect.objectContaining({ code: 'SCM_CONNECT_FOREIGN_MEMBER' })
    expect(() => decodeMetadata(Buffer.from(text))).toThrow(expected)
    expect(() => decodeAssignment(Buffer.from(text))).toThrow(expected)
  })
})
