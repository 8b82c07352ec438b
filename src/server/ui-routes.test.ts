/**
 * The web page over HTTP without sockets: what is served, how it is cached, and what is refused.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { Secret } from '../config/index.ts'
import { Logger } from '../telemetry/index.ts'
import { Access } from './access.ts'
import { HttpServer } from './http-server.ts'
import { pageRedirect, uiRoutes } from './ui-routes.ts'

const dir = mkdtempSync(join(tmpdir(), 'scamander-ui-'))
afterAll(() => rmSync(dir, { recursive: true }))
mkdirSync(join(dir, 'ui/assets'), { recursive: true })
const built = join(dir, 'ui')
const HTML = '<script nonce="__NONCE__"></script>'
writeFileSync(join(built, 'index.html'), HTML)
writeFileSync(join(built, 'assets/main-1a2b.js'), 'let a')
writeFileSync(join(built, 'assets/main-1a2b.js.br'), brotliCompressSync('let a'))
writeFileSync(join(dir, 'secret.js'), 'secret')
writeFileSync(join(built, 'secret.js'), 'secret')

function serve(from = built): HttpServer {
  const access = new Access({ users: new Secret(''), token: new Secret('') })
  const logger = Logger.silent()
  return new HttpServer({ routes: uiRoutes(['connect'], from), access, logger })
}
const get = (url: string, headers: Record<string, string> = {}) =>
  serve().inject({ method: 'GET', url, headers })

describe('the page', () => {
  it.each(['/ui/', '/ui/connectors', '/ui/connectors/a%2Fb/tasks', '/ui/jobs?q=x'])(
    '%s is the page with a nonce of its own, never cached',
    async url => {
      const one = await get(url)
      expect([one.status, one.headers['cache-control']]).toEqual([200, 'no-store'])
      const nonce = /nonce="([\w-]{22})"/.exec(one.body)?.[1]
      expect(one.headers['content-security-policy']).toContain(`script-src 'self' 'nonce-${nonce}'`)
      expect(one.headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect((await get(url)).body).not.toBe(one.body)
    },
  )

  it('is reached from /ui', async () => {
    const { status, headers } = await get('/ui')
    expect([status, headers['location']]).toEqual([302, '/ui/'])
  })

  it('says how to build it when it is not there', async () => {
    const { status, body } = await serve(join(dir, 'none')).inject({ method: 'GET', url: '/ui/' })
    expect([status, body]).toEqual([404, expect.stringContaining('npm run build:ui')])
  })
})

describe('files', () => {
  it('are kept for ever', async () => {
    const { status, headers, body } = await get('/ui/assets/main-1a2b.js')
    expect([status, body]).toEqual([200, 'let a'])
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(headers['content-encoding']).toBeUndefined()
  })

  it.each([
    ['gzip, br', 'br'],
    ['gzip', undefined],
    ['br;q=0, gzip', undefined],
    ['br;q=0.5', 'br'],
  ])('come compressed for Accept-Encoding: %s as %s', async (accepted, expected) => {
    const { headers } = await get('/ui/assets/main-1a2b.js', { 'accept-encoding': accepted })
    expect([headers['content-encoding'], headers['vary']]).toEqual([expected, 'Accept-Encoding'])
  })

  it.each([
    '/ui/assets/none.js',
    '/ui/assets/../secret.js',
    '/ui/assets/..%2Fsecret.js',
    '/ui/assets/%2e%2e/%2e%2e/secret.js',
    '/ui/assets/..\\secret.js',
    '/ui/assets/.hidden',
    '/ui/assets/',
    '/ui/assets/main-1a2b.txt',
  ])('%s is not served', async url => {
    const { body } = await get(url)
    expect(body).not.toContain('secret')
    expect(body).not.toContain('let a')
  })
})

describe('the address of the server', () => {
  const call = (accept?: string) => ({
    params: {},
    query: new URLSearchParams(),
    body: '',
    method: 'GET',
    url: '/',
    headers: { accept },
  })
  it.each([
    [undefined, undefined],
    ['*/*', undefined],
    ['application/json', undefined],
    ['text/html,application/xhtml+xml;q=0.9', '/ui/'],
  ])('with Accept: %s leads to %s', (accept, location) => {
    expect(pageRedirect(call(accept), built)?.headers?.['location']).toBe(location)
  })
  it('stays the version document while no page is built', () => {
    expect(pageRedirect(call('text/html'), join(dir, 'none'))).toBeUndefined()
  })
})
