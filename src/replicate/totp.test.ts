/**
 * Codes of the RFC, and which steps count.
 */
import { expect, it } from 'vitest'
import { findTotpStep, toBase32, totpCode, totpUri } from './totp.ts'

const SECRET = Buffer.from('12345678901234567890')

// RFC 6238, appendix B, whose codes have eight digits.
it.each([
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
])('at %i s', (seconds, code) => {
  expect(totpCode(SECRET, Math.floor(seconds / 30))).toBe(code.slice(2))
})

it('takes a code of the step before, now and after, each once', () => {
  const step = 1_000
  const nowMs = step * 30_000 + 15_000
  const find = (of: number, last = 0) => findTotpStep(SECRET, totpCode(SECRET, of), { last, nowMs })
  expect([998, 999, 1_000, 1_001, 1_002].map(of => find(of))).toEqual([
    ...[undefined, 999, 1_000, 1_001, undefined],
  ])
  expect([find(1_000, 1_000), find(999, 1_000), find(1_001, 1_000)]).toEqual([
    ...[undefined, undefined, 1_001],
  ])
})

it.each(['', '12345', '1234567', 'abcdef', '１２３４５６'])('takes no %j', code => {
  expect(findTotpStep(SECRET, code, { last: 0, nowMs: 0 })).toBeUndefined()
})

// RFC 4648, section 10.
it.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('writes %j in base 32', (text, written) => expect(toBase32(Buffer.from(text))).toBe(written))

it('writes a link that apps read', () => {
  expect(totpUri(SECRET, 'Zoë & co')).toBe(
    'otpauth://totp/Scamander:Zo%C3%AB%20%26%20co?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Scamander',
  )
})
