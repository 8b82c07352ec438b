/**
 * Serves the built web page below /ui/: hashed files as they are, everything else as the page
 * itself, which knows its own addresses. Used by every server that serves the REST API.
 * Invariants: a name with anything but plain characters is never looked up; hashed files are cached
 * for ever and the page never; nothing is loaded from another host.
 * Spec: ui 4.10 (policy), 6 (static files).
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer, Call, Route } from './route.ts'

/** Holds from src/server, from dist/server and from the bundle in dist/app. */
const BUILT = fileURLToPath(new URL('../../dist/ui', import.meta.url))
/** Stands in the page where the nonce of an answer goes. */
const NONCE_MARK = '__NONCE__'
/** And where it says which APIs stand beside it, so that it asks for nothing that is not there. */
const SERVES_MARK = '__SERVES__'
const ASSET = /^\/ui\/(assets\/[\w-][\w.-]*)$/
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** `connect`: the Connect REST API; `v1`: connections and jobs; `capture`: it captures changes. The rest as their paths are called. */
export type Served = 'connect' | 'v1' | 'capture' | 'data' | 'migrations'

export function uiRoutes(serves: readonly Served[], dir: string = BUILT): Route[] {
  const handle = (call: Call) => answer({ dir, serves }, call)
  return [
    { method: 'GET', path: '/ui', produces: 'any', summary: 'Leads to the web page.', handle },
    {
      method: 'GET',
      path: '/ui/*',
      produces: 'any',
      summary: 'The web page and its files; compressed where the caller accepts it.',
      handle,
    },
  ]
}

/** A browser that opens the address of the server is led to the page, if there is one. */
export function pageRedirect(call: Call, dir: string = BUILT): Answer | undefined {
  if (!/\btext\/html\b/.test(call.headers['accept'] ?? '')) return undefined
  return existsSync(join(dir, 'index.html')) ? redirect() : undefined
}

function redirect(): Answer {
  return { status: 302, headers: { location: '/ui/', 'cache-control': 'no-store', vary: 'Accept' } }
}

interface Site {
  readonly dir: string
  readonly serves: readonly Served[]
}

async function answer(site: Site, call: Call): Promise<Answer> {
  const { dir } = site
  const path = call.url.split('?')[0] ?? ''
  if (path === '/ui') return redirect()
  const asset = ASSET.exec(path)?.[1]
  if (asset !== undefined) return (await file(dir, asset, call)) ?? notFound('no such file')
  if (path.startsWith('/ui/assets/')) return notFound('no such file')
  return await page(site)
}

async function file(dir: string, name: string, call: Call): Promise<Answer | undefined> {
  const type = TYPES[extname(name)]
  if (type === undefined) return undefined
  const headers = {
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    vary: 'Accept-Encoding',
  }
  const accepted = call.headers['accept-encoding'] ?? ''
  for (const [encoding, ending] of ENCODINGS) {
    if (!new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(?:\\.0*)?(?:,|$))`).test(accepted)) continue
    const body = await readOptional(join(dir, name + ending))
    if (body === undefined) continue
    return {
      status: 200,
      bytes: { body, type },
      headers: { ...headers, 'content-encoding': encoding },
    }
  }
  const body = await readOptional(join(dir, name))
  return body === undefined ? undefined : { status: 200, bytes: { body, type }, headers }
}

async function page({ dir, serves }: Site): Promise<Answer> {
  const html = await readOptional(join(dir, 'index.html'))
  if (html === undefined) {
    return notFound('The web page is not built. Run npm run build:ui and load this again.')
  }
  const nonce = randomBytes(16).toString('base64url')
  const text = html.toString('utf8').replaceAll(NONCE_MARK, nonce)
  const body = text.replace(SERVES_MARK, serves.join(' '))
  return {
    status: 200,
    text: { body, type: 'text/html; charset=utf-8' },
    headers: { ...PAGE_HEADERS, 'content-security-policy': policy(nonce) },
  }
}

const PAGE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

function policy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')
}

function notFound(body: string): Answer {
  return {
    status: 404,
    text: { body, type: 'text/plain; charset=utf-8' },
    headers: { 'cache-control': 'no-store' },
  }
}

async function readOptional(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENAMETOOLONG') return undefined
    throw error
  }
}
