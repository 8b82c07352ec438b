/**
 * Whose address counts, and who is let in by it.
 */
import { expect, it } from 'vitest'
import { AddressRules } from './address-rules.ts'

const PROXY = '10.0.0.1'

it.each([
  ['nobody between', '192.0.2.7', undefined, '192.0.2.7'],
  ['IPv4 by an IPv6 socket', '::ffff:192.0.2.7', undefined, '192.0.2.7'],
  ['a trusted proxy', PROXY, '192.0.2.7', '192.0.2.7'],
  ['two trusted proxies', PROXY, '192.0.2.7, 10.0.0.2', '192.0.2.7'],
  ['what the caller told the proxy itself', PROXY, '127.0.0.1, 192.0.2.7', '192.0.2.7'],
  ['a trusted proxy that calls itself', PROXY, '10.0.0.2', '10.0.0.2'],
  ['a trusted proxy that says nothing of use', PROXY, 'unknown', undefined],
  ['somebody who says to be a proxy', '192.0.2.7', '127.0.0.1', '192.0.2.7'],
  ['a proxy of this machine that is not trusted', '127.0.0.1', '192.0.2.7', undefined],
  ['somebody on the machine of a trusted proxy', PROXY, '127.0.0.1', PROXY],
  ['a trusted proxy, with a port', PROXY, '192.0.2.7:50123', '192.0.2.7'],
])('%s', (_what, remote, forwardedFor, client) => {
  const rules = new AddressRules({ allowed: [], trustedProxies: [PROXY, '10.0.0.2'] })
  expect(rules.clientOf({ remote, forwardedFor })).toBe(client)
})

it('lets in who is on the list, and always this machine', () => {
  const rules = new AddressRules({ allowed: ['192.0.2.0/24'], trustedProxies: [] })
  const clients = ['192.0.2.7', '198.51.100.1', '127.0.0.1', '::1', undefined]
  expect(clients.map(one => rules.isAllowed(one))).toEqual([true, false, true, true, false])
})

it('lets in everybody without a list', () => {
  const rules = new AddressRules({ allowed: [], trustedProxies: [] })
  expect([rules.isAllowed('198.51.100.1'), rules.isAllowed(undefined)]).toEqual([true, true])
})

it('prefers the list of the configuration', () => {
  const open = new AddressRules({ allowed: [], trustedProxies: [] })
  const fixed = new AddressRules({ allowed: ['192.0.2.0/24'], trustedProxies: [] })
  for (const rules of [open, fixed]) rules.manage(['198.51.100.0/24'])
  expect([open.isAllowed('198.51.100.1'), fixed.isAllowed('198.51.100.1')]).toEqual([true, false])
})

it('tells which setting is wrong', () => {
  const keys = { allowed: 'a', trustedProxies: 'scamander.rest.trusted.proxies' }
  expect(() => new AddressRules({ allowed: [], trustedProxies: ['proxy'] }, keys)).toThrow(
    'scamander.rest.trusted.proxies: expected addresses and networks like 10.0.0.0/8, found proxy',
  )
})
