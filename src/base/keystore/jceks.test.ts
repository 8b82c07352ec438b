/** Secret keys of a key store that Java made (scripts/golden/make-keystores.sh). */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readSecretKeys } from './jceks.ts'

const FILE = new URL('../../../test/golden/keystores/commit-log-key.jceks', import.meta.url)
const store = readFileSync(FILE)

it('opens the keys of a store', () => {
  const keys = readSecretKeys(store, 'changeit')
  expect([...keys].map(([alias, key]) => [alias, key.toString('hex')])).toEqual([
    ['k1', '66a8801a0efc9fe8c42c537378765d62'],
  ])
})

it.each([
  ['a wrong password', store, 'changeme', 'SCM_BASE_KEYSTORE_PASSWORD'],
  ['a changed byte', changed(300), 'changeit', 'SCM_BASE_KEYSTORE_PASSWORD'],
  ['a cut file', store.subarray(0, 400), 'changeit', 'SCM_BASE_KEYSTORE_PASSWORD'],
  ['another file', Buffer.alloc(64, 7), 'changeit', 'SCM_BASE_KEYSTORE_FORMAT'],
])('refuses %s', (_case, bytes, password, code) => {
  expect(() => readSecretKeys(bytes, password)).toThrow(expect.objectContaining({ code }))
})

function changed(at: number): Buffer {
  const copy = Buffer.from(store)
  copy[at]! ^= 1
  return copy
}
