/**
 * Signing in, users, roles, tokens and loggers in a real browser, on a real worker: what a wrong key is
 * told, what a viewer does not see, a token that works until it is withdrawn, a level that counts; and the
 * one live connection of two tabs, over an end of the server.
 * Spec: ui 4.3, 4.11, 5.7, 8 (flow 15).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readProperties } from '../../src/config/index.ts'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { codeOf } from '../support/authenticator.ts'
import { testKafka } from '../support/topic.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const PATIENCE_MS = 60_000
const PASSWORD = 'correct horse battery'

let browser: Browser
let server: Start
let open: TestPage
let page: Page
const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-settings-'))

async function start(listeners: string): Promise<Start> {
  const worker = readProperties(`
bootstrap.servers=${testKafka().bootstrapServers}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename=${join(dataFolder, 'offsets')}
listeners=${listeners}
scamander.metrics.listeners=
`)
  const logger = Logger.create({ sink: () => undefined })
  return await startServer({ dataFolder, listen: listeners, logger, worker })
}

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  server = await start('http://127.0.0.1:0')
  browser = await startBrowser(chromium)
  open = await openPage(browser, server.url)
  page = open.page
  page.setDefaultTimeout(PATIENCE_MS)
})
afterAll(async () => {
  await open?.close()
  await browser?.close()
  await server?.close()
  rmSync(dataFolder, { recursive: true, force: true })
})

const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`
const text = async (selector: string) => (await page.textContent(selector)) ?? ''
const choose = async (field: string, value: string) => {
  await page.click(field)
  await page.click(`${id('option')}[data-value="${value}"]:visible`)
}
const ready = (name: string) => page.waitForSelector(`${id(`page-${name}`)}[data-loading=false]`)
const live = (state: string, of = page) =>
  of.waitForSelector(`${id('live-dot')}[data-state=${state}]`)
let secret = ''
let recovery: string[] = []
const signOut = async () => {
  await page.click(id('user-menu'))
  await page.click(id('sign-out'))
  await ready('login')
}
const statusOf = async (path: string, token: string) => {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`${server.url}${path}`, { headers })).status
}

describe.skipIf(chromium === undefined)('settings in the page', () => {
  it('begins as the local administrator, without a login', async () => {
    await page.goto(`${server.url}/ui/settings/users`)
    await ready('settings')
    await live('live')
    expect(await text(id('user-menu'))).toBe('Local admin')
    expect(await text(id('empty'))).toContain('everyone at this machine is the local administrator')
    await open.picture('80-users-empty')
  })

  it('has one stream for two tabs, and goes on after the server ended', async () => {
    const second = await page.context().newPage()
    await second.goto(`${server.url}/ui/`)
    await live('live', second)
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(/scamander_server_live_streams (\d+)/.exec(metrics)?.[1]).toBe('1')
    await server.close()
    await live('reconnecting')
    server = await start(server.url)
    await live('live')
    await live('live', second)
    await second.close()
    open.complaints.length = 0
  })

  it('shows all keys, and is frozen and goes on by one', async () => {
    await page.keyboard.press('?')
    await page.waitForSelector('text=Freeze the page, and go on')
    await open.picture('81-keys')
    await page.keyboard.press('Escape')
    await page.waitForSelector('text=Freeze the page, and go on', { state: 'detached' })
    await page.keyboard.press('p')
    await live('paused')
    await page.keyboard.press('p')
    await live('live')
  })

  it('changes the level of a logger', async () => {
    await page.click(id('tab-loggers'))
    const row = id('logger-row', 'scamander.server')
    await choose(`${row} ${id('logger-level')}`, 'DEBUG')
    await page.waitForSelector(`${row}[data-state=DEBUG]`)
    const answer = await fetch(`${server.url}/admin/loggers/scamander.server`)
    expect(await answer.json()).toMatchObject({ level: 'DEBUG' })
    await open.picture('82-loggers')
  })

  it('adds the first user, who signs in from then on', async () => {
    await page.click(id('tab-users'))
    await page.click(id('user-add'))
    expect(await text(id('user-first'))).toContain('From then on everybody signs in')
    await page.fill(id('field-name'), 'zoe')
    await page.fill(id('field-password'), 'short')
    await page.click(id('user-save'))
    expect(await text(id('field-password-error'))).toContain('expected 12 to 512 characters')
    await open.picture('83-user-add')
    await page.fill(id('field-password'), PASSWORD)
    await page.click(id('user-save'))
    await ready('login')
    expect(new URL(page.url()).pathname).toBe('/ui/login')
    await open.picture('84-login')
  })

  it('tells a wrong password, and goes on where one was with the right one', async () => {
    await page.fill(id('field-user'), 'zoe')
    await page.fill(id('field-password'), 'not the password')
    await page.click(id('login-submit'))
    expect(await text(id('login-error'))).toContain('4 tries left before a pause')
    await open.picture('85-login-refused')
    await page.fill(id('field-password'), PASSWORD)
    await page.click(id('login-submit'))
    await ready('settings')
    expect(new URL(page.url()).pathname).toBe('/ui/settings/users')
    await page.waitForSelector(id('user-row', 'zoe'))
    await live('live')
    open.complaints.length = 0
  })

  it('makes a token that works until it is withdrawn', async () => {
    await page.click(id('tab-tokens'))
    await page.click(id('token-create'))
    await page.fill(id('field-name'), 'nightly')
    await page.click(id('token-save'))
    const token = await text(id('token-value'))
    expect(token).toMatch(/^sc_[\w-]{43}$/)
    expect(await statusOf('/api/v1/jobs', token)).toBe(200)
    await open.picture('86-token-made')
    await page.click(id('token-done'))
    const row = id('token-row', 'nightly')
    expect(await text(row)).toContain('sc_')
    expect(await page.content()).not.toContain(token)
    await page.click(`${row} ${id('token-delete')}`)
    await page.click(id('confirm-yes'))
    await page.waitForSelector(row, { state: 'detached' })
    expect(await statusOf('/api/v1/jobs', token)).toBe(401)
  })

  it('says from where the server may be called, this machine always', async () => {
    await page.click(id('tab-users'))
    await page.fill(id('field-addresses'), 'office')
    await page.click(id('addresses-save'))
    expect(await text(id('field-addresses-error'))).toContain('found office')
    await page.fill(id('field-addresses'), '10.0.0.0/8')
    await page.click(id('addresses-save'))
    await page.waitForSelector('text=The addresses count now.')
    await open.picture('86-addresses')
    await page.fill(id('field-addresses'), '')
    await page.click(id('addresses-save'))
    await page.waitForSelector('text=Calls are taken from anywhere.')
  })

  it('sets up a second factor, and asks for a code from then on', async () => {
    await page.click(id('tab-preferences'))
    await page.click(id('factor-on'))
    await page.fill(id('field-password'), 'not the password')
    await page.click(id('factor-save'))
    expect(await text(id('field-password-error'))).toBe('The password is wrong.')
    await page.fill(id('field-password'), PASSWORD)
    await page.click(id('factor-save'))
    secret = (await text(id('factor-secret'))).trim()
    await open.picture('86a-second-factor')
    await page.fill(id('field-code'), codeOf(secret))
    await page.click(id('factor-save'))
    recovery = (await text(id('recovery-codes'))).split('\n')
    expect(recovery).toHaveLength(10)
    await open.picture('86b-recovery-codes')
    await page.click(id('factor-done'))
    await page.waitForSelector(`${id('second-factor')}[data-state=on]`)
    expect(await page.content()).not.toContain(secret)
    await signOut()
    await page.fill(id('field-user'), 'zoe')
    await page.fill(id('field-password'), PASSWORD)
    expect(await page.locator(id('field-code')).count()).toBe(0)
    await page.click(id('login-submit'))
    await page.fill(id('field-code'), '12')
    await open.picture('86c-login-code')
    await page.click(id('login-submit'))
    await page.waitForSelector(`text=The code is wrong. 4 tries left`)
    await page.fill(id('field-code'), codeOf(secret, 1))
    await page.click(id('login-submit'))
    await ready('home')
    open.complaints.length = 0
  })

  it('ends the second factor by a code for recovery', async () => {
    await page.goto(`${server.url}/ui/settings/users`)
    expect(await text(`${id('user-row', 'zoe')} [data-column=second-factor]`)).toBe('On')
    await page.click(id('tab-preferences'))
    await page.click(id('factor-off'))
    await page.fill(id('field-code'), recovery[0]!)
    await page.click(id('factor-save'))
    await page.waitForSelector(`${id('second-factor')}[data-state=off]`)
  })

  it('lets a viewer look, and shows no act that a viewer may not do', async () => {
    await page.click(id('tab-users'))
    await page.click(id('user-add'))
    await page.fill(id('field-name'), 'vera')
    await page.fill(id('field-password'), PASSWORD)
    await page.click(id('user-save'))
    await page.waitForSelector(id('user-row', 'vera'))
    await open.picture('87-users')
    await signOut()
    await page.fill(id('field-user'), 'vera')
    await page.fill(id('field-password'), PASSWORD)
    await page.click(id('login-submit'))
    await ready('home')
    await page.waitForSelector(`${id('user-menu')}[aria-label="Signed in as vera"]`)
    for (const [section, act] of ACTS) {
      await page.click(id(`nav-${section}`))
      await ready(section)
      await page.waitForSelector(id('empty'))
      expect([section, await page.locator(id(act)).count()]).toEqual([section, 0])
    }
    await page.goto(`${server.url}/ui/settings/loggers`)
    await page.waitForSelector(id('logger-row', 'root'))
    expect(await page.locator(id('logger-level')).count()).toBe(0)
    expect(await page.locator(id('tab-users')).count()).toBe(0)
    expect(await page.locator(id('tab-alerts')).count()).toBe(0)
    await open.picture('88-viewer')
  })

  it('works on a narrow screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${server.url}/ui/settings/preferences`)
    await ready('settings')
    await page.waitForSelector(id('field-theme'))
    const width = await page.evaluate('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(390)
    await open.picture('89-preferences-narrow')
  })

  it('makes the first administrator of a server that others reach by the code of its log', async () => {
    const lines: string[] = []
    const logger = Logger.create({ sink: line => lines.push(String(line['msg'])) })
    const folder = mkdtempSync(join(tmpdir(), 'scamander-ui-setup-'))
    // Written in a way that is not taken for this machine, though it is.
    const fresh = await startServer({ dataFolder: folder, listen: 'http://LOCALHOST:0', logger })
    const url = fresh.url.toLowerCase()
    const other = await openPage(browser, url)
    const find = (name: string) => other.page.waitForSelector(id(name))
    try {
      await other.page.goto(`${url}/ui/`)
      await (await find('setup-code')).fill('aaaa-bbbb-cccc-dddd')
      await (await find('field-user')).fill('zoe')
      await (await find('field-password')).fill(PASSWORD)
      await (await find('setup-submit')).click()
      expect(await (await find('setup-code-error')).textContent()).toContain('found another')
      await other.picture('89a-setup')
      const code = /setup code (\S+)/.exec(lines.join('\n'))?.[1] ?? ''
      await (await find('setup-code')).fill(code)
      await (await find('setup-submit')).click()
      await find('page-home')
      await other.page.waitForSelector(`${id('user-menu')}[aria-label="Signed in as zoe"]`)
    } finally {
      await other.close()
      await fresh.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('complained about nothing', () => {
    expect(open.complaints).toEqual([])
  })
})

const ACTS = [
  ['jobs', 'jobs-add'],
  ['connections', 'connections-add'],
  ['connectors', 'connectors-add'],
] as const
