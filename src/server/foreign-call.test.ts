/**
 * Calls of pages: own ones, those of other origins, and those of callers that are no browser.
 */
import { expect, it } from 'vitest'
import { isForeignCall } from './foreign-call.ts'

const HOST = 'scamander.example:8083'
const OWN = `http://${HOST}`

it.each([
  ['no browser', { host: HOST }, false],
  ['the page', { host: HOST, origin: OWN, 'sec-fetch-site': 'same-origin' }, false],
  ['the page, in a browser that tells its origin only', { host: HOST, origin: OWN }, false],
  ['the page, behind a proxy with a name of its own', proxied('same-origin'), false],
  ['an address that was typed', { host: HOST, 'sec-fetch-site': 'none' }, false],
  ['another port of the machine', { host: HOST, 'sec-fetch-site': 'same-site' }, true],
  ['another site', { host: HOST, origin: OWN, 'sec-fetch-site': 'cross-site' }, true],
  ['an unknown relation', { host: HOST, 'sec-fetch-site': 'other' }, true],
  ['another origin, told by itself only', { host: HOST, origin: 'http://evil.example' }, true],
  ['another port, told by the origin only', { host: HOST, origin: `${OWN}0` }, true],
  ['a page in a frame without origin', { host: HOST, origin: 'null' }, true],
  ['an origin without a host', { origin: OWN }, true],
  ['the default port, written out', { host: 'a.example:443', origin: 'https://a.example' }, false],
] as const)('%s', (_what, headers, isForeign) => {
  expect(isForeignCall(headers)).toBe(isForeign)
})

function proxied(site: string) {
  return { host: '10.0.0.5:8083', origin: 'https://scamander.example', 'sec-fetch-site': site }
}
