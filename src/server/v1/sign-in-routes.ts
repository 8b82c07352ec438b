/**
 * Signing in to Backlog in a window: start, state, code by hand, and the address where the window comes
 * back, which closes itself.
 * Invariants: what came back is only for the user who started it; saved secrets are used for their own
 * address only; the page holds nothing but a sentence.
 * Shapes: src/api-v1-alerts.ts. Spec: backlog-replication 1.2.
 */
import { randomBytes } from 'node:crypto'
import type { OauthStart } from '../../api-v1-alerts.ts'
import { messageOf } from '../../base/scamander-error.ts'
import type { Replicator } from '../../replicate/index.ts'
import { type Answer, type Call, json, type Route } from '../route.ts'
import { audit, body, type Row, userOf } from './v1-calls.ts'

export function signInRows(replicator: Replicator): Row[] {
  const { oauth } = replicator
  const state = (call: Call) => call.params['state'] ?? ''
  return [
    [
      'POST /connections/oauth',
      'Starts a sign-in; the answer has the address to open.',
      call => {
        const { connection, properties, redirectUri } = body<OauthStart>(call)
        const all = replicator.withSaved(connection, properties)
        const started = oauth.start(all, { redirectUri, user: userOf(call) })
        const name = connection === undefined ? '' : replicator.connection(connection).name
        audit(replicator, call, ['sign-in started', name, new URL(started.authorizeUrl).origin])
        return json(201, started)
      },
      { takes: 'OauthStart', gives: 'OauthSignIn', status: 201 },
    ],
    [
      'GET /connections/oauth/:state',
      'What became of a sign-in.',
      call => json(200, oauth.signIn(state(call), userOf(call))),
      { gives: 'OauthSignIn' },
    ],
    [
      'POST /connections/oauth/:state/code',
      'The code of a sign-in, pasted by hand.',
      async call => {
        const { code } = body<{ code?: string }>(call)
        const of = { user: userOf(call), code: String(code ?? '') }
        return json(200, await oauth.finish(state(call), of))
      },
      { takes: { type: 'object', properties: { code: { type: 'string' } } }, gives: 'OauthSignIn' },
    ],
  ]
}

export function callbackRoute(replicator: Replicator): Route {
  return {
    method: 'GET',
    path: '/oauth/backlog/callback',
    produces: 'any',
    summary: 'Where the window of a sign-in to Backlog comes back.',
    handle: async call => {
      const { query } = call
      const refusal = query.get('error')
      const of = { user: userOf(call), code: query.get('code') ?? '' }
      try {
        const why = refusal === null ? {} : { refusal: refusal.slice(0, 100) }
        const done = await replicator.oauth.finish(query.get('state') ?? '', { ...of, ...why })
        return windowPage(done.status === 'connected', done.text)
      } catch (error) {
        return windowPage(false, messageOf(error))
      }
    },
  }
}

function windowPage(isDone: boolean, text: string): Answer {
  const nonce = randomBytes(16).toString('base64url')
  const close = isDone ? `<script nonce="${nonce}">window.close()</script>` : ''
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${isDone ? 'Connected' : 'Not connected'}</title><p>${escaped(text)}</p><p>You can close this window.</p>${close}</html>`
  return {
    status: isDone ? 200 : 400,
    text: { body, type: 'text/html; charset=utf-8' },
    headers: {
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; frame-ancestors 'none'`,
    },
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, one => `&#${one.charCodeAt(0)};`)
}
