import { describe, expect, it } from 'vitest'
import { newSessionKey, sign, verify } from './session-key.ts'

const key = newSessionKey('HmacSHA256', undefined)
const allowed = ['HmacSHA256']

function call(body: string, headers: Record<string, string>) {
  return {
    body,
    signature: headers['X-Connect-Authorization'],
    algorithm: headers['X-Connect-Request-Signature-Algorithm'],
  }
}

describe('signatures between workers', () => {
  it('are accepted with the same key and body only', () => {
    const signed = call('[1]', sign(key, 'HmacSHA256', '[1]'))
    expect(() => verify(key, signed, allowed)).not.toThrow()
    const refused = expect.objectContaining({
      message: 'Internal request contained invalid signature.',
    })
    expect(() => verify(key, { ...signed, body: '[2]' }, allowed)).toThrow(refused)
    expect(() => verify(newSessionKey('HmacSHA256', 512), signed, allowed)).toThrow(refused)
    expect(() => verify(key, { ...signed, signature: '' }, allowed)).toThrow(refused)
  })

  it('are missing, of another algorithm, or come too early', () => {
    const bare = { body: '', signature: undefined, algorithm: undefined }
    expect(() => verify(key, bare, allowed)).toThrow('missing required signature')
    const other = call('', sign(key, 'HmacSHA512', ''))
    expect(() => verify(key, other, allowed)).toThrow('does not support')
    expect(() => verify(key, { ...other, algorithm: 'MD5' }, ['MD5'])).toThrow('does not support')
    const early = call('', sign(key, 'HmacSHA256', ''))
    expect(() => verify(undefined, early, allowed)).toThrow('not been able to read a session key')
  })

  it('has the size of its algorithm unless another is asked for', () => {
    expect(key.key.length).toBe(32)
    expect(newSessionKey('HmacSHA512', undefined).key.length).toBe(64)
    expect(newSessionKey('HmacSHA256', 128).key.length).toBe(16)
    expect(() => newSessionKey('MD5', undefined)).toThrow('expected one of')
  })
})
