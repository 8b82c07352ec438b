/** Passwords of destinations in the state file: sealed, also those of an older release. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CaptureStore } from './capture-store.ts'
import { DestinationBook } from './destination-book.ts'
import type { Destination } from './records.ts'

const FAR: Destination = {
  ...{ name: 'far', transmissionEnabled: true, addresses: ['10.0.0.1'] },
  driver: { user: 'u', pwd: 'one-secret', 'ssl-keystore-password': 'two-secret' },
}
let folder: string
let store: CaptureStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-book-'))
  store = CaptureStore.open(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

const keyFile = () => join(folder, 'master.key')
const book = () => new DestinationBook(store, keyFile())
/** Everything that lies in the folder, as text. */
const onDisk = () =>
  readdirSync(folder)
    .map(name => readFileSync(join(folder, name), 'latin1'))
    .join('')

it('keeps passwords sealed and gives them back', () => {
  book().put(FAR)
  expect(onDisk()).not.toMatch(/one-secret|two-secret/)
  expect(statSync(keyFile()).mode & 0o777).toBe(0o600)
  expect(book().readAll()).toEqual([FAR])
  book().remove('far')
  expect(book().readAll()).toEqual([])
})

it('needs no key while there is no password', () => {
  const near = { ...FAR, addresses: [], driver: {} }
  book().put(near)
  expect(book().readAll()).toEqual([near])
  expect(readdirSync(folder)).not.toContain('master.key')
})

it('seals what an older release wrote as it was', () => {
  store.put('destination', 'far', FAR)
  expect(book().readAll()).toEqual([FAR])
  expect(store.readAll<Destination>('destination')[0]!.driver).toEqual({ user: 'u' })
  expect(onDisk()).not.toMatch(/one-secret|two-secret/)
  expect(book().readAll()).toEqual([FAR])
})

it('names what another key does not open', () => {
  book().put(FAR)
  writeFileSync(keyFile(), Buffer.alloc(32, 7).toString('base64'))
  expect(() => book().readAll()).toThrow(
    'the master key does not open the secret of driver-pwd of destination far; start with the key that it was written with',
  )
})
