import { expect, it } from 'vitest'
import { isPassable } from './login-desk.ts'

it.each([
  ['\u0000user\u0000password', true],
  ['other\u0000user\u0000password', true],
  ['\u0000user\u0000', true],
  ['PLAIN', true],
  ['GSSAPI', false],
  ['SigV4\u0000\u0000', false],
  ['\u0000user', false],
  ['a\u0000b\u0000c\u0000d', false],
  ['', false],
])('%j is a login that another cluster understands: %s', (token, expected) => {
  expect(isPassable(Buffer.from(token))).toBe(expected)
})

it('no token is none', () => {
  expect(isPassable(null)).toBe(false)
})
