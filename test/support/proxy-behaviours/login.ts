/**
 * Behaviours of logins: which cluster wants one, whose token goes where, and what a refusal does.
 * Scripted servers stand for clusters with and without a login; the real ones are in proxy-loss.
 * Spec: live-migration 2.8.
 */
import { expect } from 'vitest'
import { RawCqlClient } from '../raw-cql-client.ts'
import type { ScriptedCqlServer } from '../scripted-cql-server.ts'
import { type Behaviour, expectError, expectVoid, scripted, untilTrue } from './behaviour.ts'

const LOGIN = { username: 'app', password: 'one' }
const OTHER = { username: 'proxy', password: 'two' }
const PAIR = ['--target-username', 'proxy', '--target-password', 'two']
const WRITE = 'INSERT INTO ks.t (k, v) VALUES (1, 1)'

const writesOn = (server: ScriptedCqlServer) =>
  server.requests.filter(({ message }) => message.kind === 'QUERY').length

export const LOGINS: readonly Behaviour[] = [
  {
    id: 'A1',
    what: 'no login on either cluster: READY',
    run: async () => {
      await using all = await scripted()
      const client = await all.client()
      expectVoid(await client.query(WRITE))
      expect([writesOn(all.source), writesOn(all.target)]).toEqual([1, 1])
    },
  },
  {
    id: 'A2',
    what: "a login on both clusters: the client's token goes to both",
    run: async () => {
      await using all = await scripted([], { source: { login: LOGIN }, target: { login: LOGIN } })
      const client = await all.client({ login: LOGIN })
      expectVoid(await client.query(WRITE))
      expect([writesOn(all.source), writesOn(all.target)]).toEqual([1, 1])
    },
  },
  {
    id: 'A3',
    what: 'a login on the source only',
    run: async () => {
      await using all = await scripted([], { source: { login: LOGIN } })
      const client = await all.client({ login: LOGIN })
      expectVoid(await client.query(WRITE))
      expect([writesOn(all.source), writesOn(all.target)]).toEqual([1, 1])
    },
  },
  {
    id: 'A4',
    what: 'a login on the target only, which the proxy has: the client needs none',
    run: async () => {
      await using all = await scripted(PAIR, { target: { login: OTHER } })
      const client = await all.client()
      expectVoid(await client.query(WRITE))
      expect([writesOn(all.source), writesOn(all.target)]).toEqual([1, 1])
    },
  },
  {
    id: 'A5',
    what: 'a login on the target only, which the proxy has not: the client is asked for it',
    run: async () => {
      await using all = await scripted([], { target: { login: LOGIN } })
      const client = await all.client({ login: LOGIN })
      expectVoid(await client.query(WRITE))
      expect([writesOn(all.source), writesOn(all.target)]).toEqual([1, 1])
    },
  },
  {
    id: 'A6',
    what: "different logins: the client's for the source, the configured one for the target",
    run: async () => {
      await using all = await scripted(PAIR, { source: { login: LOGIN }, target: { login: OTHER } })
      const client = await all.client({ login: LOGIN })
      expectVoid(await client.query(WRITE))
      expect([writesOn(all.source), writesOn(all.target)]).toEqual([1, 1])
    },
  },
  {
    id: 'A7',
    what: 'wrong credentials: the error of the source, and no token in the log',
    run: async () => {
      await using all = await scripted([], { source: { login: LOGIN }, target: { login: LOGIN } })
      const client = new RawCqlClient({ port: all.proxy.port })
      expect((await client.startUp()).message.kind).toBe('AUTHENTICATE')
      const token = Buffer.from('\u0000app\u0000not-the-password')
      const { message } = await client.request({ kind: 'AUTH_RESPONSE', token })
      expectError(message, 0x0100)
      await client.closed
      expect(all.proxy.logs.join('\n')).not.toContain('not-the-password')
    },
  },
  {
    id: 'A8',
    what: 'the target refuses the login: with `log` the source serves, and the write is counted',
    run: async () => {
      await using all = await scripted([], { source: { login: LOGIN }, target: { login: OTHER } })
      const client = await all.client({ login: LOGIN })
      expectVoid(await client.query(WRITE))
      expect([writesOn(all.source), writesOn(all.target)]).toEqual([1, 0])
      const series = 'scamander_proxy_source_only_writes_total{reason="target_down"}'
      await untilTrue(async () => (await all.proxy.metric(series)) === 1)
    },
  },
  {
    id: 'A9',
    what: 'the target refuses the login: with `fail` the client is refused with 0x0100',
    run: async () => {
      await using all = await scripted(['--target-failure', 'fail'], {
        source: { login: LOGIN },
        target: { login: OTHER },
      })
      await expect(all.client({ login: LOGIN })).rejects.toThrow(/256/)
    },
  },
  {
    id: 'A10',
    what: 'clusters of DSE: PLAIN and its challenge on either side, with one login and with two',
    run: async () => {
      for (const [args, target] of [
        [[], { login: LOGIN, isDse: true }],
        [PAIR, { login: OTHER, isDse: true }],
      ] as const) {
        await using all = await scripted(args, { source: { login: LOGIN, isDse: true }, target })
        const client = new RawCqlClient({ port: all.proxy.port })
        const { message } = await client.startUp()
        expect(message).toMatchObject({ authenticator: expect.stringMatching(/DseAuthenticator$/) })
        const respond = async (token: string) =>
          (await client.request({ kind: 'AUTH_RESPONSE', token: Buffer.from(token) })).message
        expect(await respond('PLAIN')).toMatchObject({ kind: 'AUTH_CHALLENGE' })
        const token = `\u0000${LOGIN.username}\u0000${LOGIN.password}`
        expect((await respond(token)).kind).toBe('AUTH_SUCCESS')
        expectVoid(await client.query(WRITE))
        expect([writesOn(all.source), writesOn(all.target)]).toEqual([1, 1])
        client.close()
      }
    },
  },
  {
    id: 'A11',
    what: 'the target says nothing at connect, `log`: the client logs in to the source soon',
    run: async () => {
      await using all = await scripted([], { source: { login: LOGIN }, target: { login: LOGIN } })
      all.target.isSilent = true
      const startedMs = performance.now()
      const client = await all.client({ login: LOGIN })
      expect(performance.now() - startedMs).toBeLessThan(9_000)
      expectVoid(await client.query(WRITE))
      expect([writesOn(all.source), writesOn(all.target)]).toEqual([1, 0])
      all.target.speak()
      const links = 'scamander_proxy_target_connections'
      await untilTrue(async () => (await all.proxy.metric(links)) === 1)
      expectVoid(await client.query(WRITE))
      expect([writesOn(all.source), writesOn(all.target)]).toEqual([2, 1])
    },
  },
  {
    id: 'A12',
    what: 'a slow target gets the token that the client gave before it asked',
    run: async () => {
      await using all = await scripted([], { source: { login: LOGIN }, target: { login: LOGIN } })
      all.target.isSilent = true
      const client = new RawCqlClient({ port: all.proxy.port })
      expect((await client.startUp()).message.kind).toBe('AUTHENTICATE')
      all.source.isSilent = true
      const links = 'scamander_proxy_target_connections'
      const token = Buffer.from(`\u0000${LOGIN.username}\u0000${LOGIN.password}`)
      const answer = client.request({ kind: 'AUTH_RESPONSE', token })
      await untilTrue(() => all.source.unheardCount > 0)
      all.target.speak()
      all.source.speak()
      expect((await answer).message.kind).toBe('AUTH_SUCCESS')
      await untilTrue(async () => (await all.proxy.metric(links)) === 1)
      expectVoid(await client.query(WRITE))
      expect([writesOn(all.source), writesOn(all.target)]).toEqual([1, 1])
      client.close()
    },
  },
  {
    id: 'A13',
    what: 'a login of several rounds: with one of its own for the target; else it is refused',
    run: async () => {
      for (const [args, isServed] of [
        [[], false],
        [PAIR, true],
      ] as const) {
        const source = { login: { username: 'app', password: 'ticket' }, isDse: true }
        await using all = await scripted(args, { source, target: { login: OTHER } })
        const client = new RawCqlClient({ port: all.proxy.port })
        expect((await client.startUp()).message.kind).toBe('AUTHENTICATE')
        const respond = async (token: string) =>
          (await client.request({ kind: 'AUTH_RESPONSE', token: Buffer.from(token) })).message
        if (isServed) {
          expect(await respond('PLAIN')).toMatchObject({ kind: 'AUTH_CHALLENGE' })
          expect((await respond('\u0000app\u0000ticket')).kind).toBe('AUTH_SUCCESS')
          expectVoid(await client.query(WRITE))
        } else expectError(await respond('GSSAPI'), 0x0100, /PLAIN only/)
        client.close()
      }
      const login = { login: LOGIN }
      await using all = await scripted([], { source: login, target: login })
      all.target.isSilent = true
      const client = new RawCqlClient({ port: all.proxy.port })
      expect((await client.startUp()).message.kind).toBe('AUTHENTICATE')
      all.source.isSilent = true
      const answer = client.request({ kind: 'AUTH_RESPONSE', token: Buffer.from('GSSAPI') })
      await untilTrue(() => all.source.unheardCount > 0)
      all.target.speak()
      expectError((await answer).message, 0x0100, /PLAIN only/)
      client.close()
    },
  },
]
