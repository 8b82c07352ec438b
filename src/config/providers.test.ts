import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readProperties } from './properties.ts'
import { defaultProviders, providersOf, resolveProviders, secretProvider } from './providers.ts'
import { sourceOf, toRecord } from './source.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-providers-'))
  writeFileSync(join(folder, 's.properties'), 'user=ann\npassword=PLANTED\n')
  writeFileSync(join(folder, 'token'), 'T0')
})
afterAll(() => rmSync(folder, { recursive: true }))

const resolve = (config: Record<string, string>, worker: Record<string, string> = {}) =>
  resolveProviders(
    sourceOf(config),
    providersOf(sourceOf(worker), { env: { HOST: 'h1' } }).providers,
  )

describe('config providers', () => {
  it('reads files, folders and the environment; several references per value', () => {
    const source = resolve({
      a: `\${file:${folder}/s.properties:user}`,
      b: `x\${dir:${folder}:token}-\${directory:${folder}:token}y`,
      c: `\${env:HOST}:9042`,
    })
    expect(toRecord(source)).toEqual({ a: 'ann', b: 'xT0-T0y', c: 'h1:9042' })
    expect([...source.entries.values()].every(entry => entry.hidden === true)).toBe(true)
    expect(source.lints).toEqual([])
  })

  it('leaves unknown providers, missing keys and plain text as written', () => {
    const config = {
      a: `\${vault:x:y}`,
      b: `\${env:ABSENT}`,
      c: `\${topic}-\${timestamp}`,
      d: `\${file:${folder}/s.properties:nope}`,
    }
    const source = resolve(config)
    expect(toRecord(source)).toEqual(config)
    expect([...source.entries.values()].some(entry => entry.hidden === true)).toBe(false)
  })

  it('warns, with the place, of every reference that stays as written', () => {
    const lines = [
      `auth.password=\${env:ABSENT}`,
      `port=\${vault:x:y}`,
      `user=\${file:@/s.properties:nope}`,
      `sasl.jaas.config=abc\${planted:secret}def`,
      `fine=\${env:HOST}`,
    ]
    const text = lines.join('\n').replace('@', folder)
    const source = resolveProviders(
      readProperties(text, 'f.properties'),
      providersOf(sourceOf({}), { env: { HOST: 'host-of-one' } }).providers,
    )
    const places = source.lints.map(one => [one.severity, one.key, one.location?.line])
    expect(places).toEqual([
      ['warning', 'auth.password', 1],
      ['warning', 'port', 2],
      ['warning', 'user', 3],
      ['warning', 'sasl.jaas.config', 4],
    ])
    const messages = source.lints.map(one => one.message)
    expect(messages.slice(0, 2)).toEqual([
      `The reference \${env:ABSENT} of configuration auth.password is not set; the text stays as written`,
      `The reference \${vault:x:y} of configuration port is not resolved: the provider "vault" is not known; the text stays as written`,
    ])
    expect(messages[2]).toContain('/s.properties:nope} of configuration user is not set')
    expect(JSON.stringify(source.lints)).not.toMatch(/planted|PLANTED|host-of-one/)
  })

  it('reports unreadable files and a path given to env', () => {
    const source = resolve({ a: `\${file:/nope/x:key}`, b: `\${env:p:HOST}` })
    expect(source.lints.map(lint => [lint.key, lint.severity])).toEqual([
      ['a', 'error'],
      ['b', 'error'],
    ])
    expect(source.lints[0]?.message).toContain('cannot be read (ENOENT)')
  })

  it('a file name cannot leave its folder', () => {
    const source = resolve({ a: `\${dir:${folder}:../x}` })
    expect(source.lints[0]?.message).toContain('may not contain a path')
  })

  it('obeys allowed paths and allow lists of the worker', () => {
    const worker = {
      'config.providers': 'file, env',
      'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
      'config.providers.file.param.allowed.paths': '/etc/other',
      'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
      'config.providers.env.param.allowlist.pattern': 'PUBLIC_.*',
    }
    const source = resolve(
      { a: `\${file:${folder}/s.properties:password}`, b: `\${env:HOST}` },
      worker,
    )
    expect(source.lints[0]?.message).toContain('not among the allowed paths')
    expect(toRecord(source)['b']).toBe(`\${env:HOST}`)
  })

  it('names an unknown provider class', () => {
    const { lints } = providersOf(
      sourceOf({ 'config.providers': 'v', 'config.providers.v.class': 'com.x.Vault' }),
    )
    expect(lints).toMatchObject([{ key: 'config.providers.v.class', severity: 'error' }])
  })

  it('asks the server for named secrets, and tells those that it does not have', () => {
    const secret = secretProvider(name => (name === 'db' ? 'PLANTED' : undefined))
    const config = sourceOf({ a: `jaas "\${secret:db}";`, b: `\${secret:gone}` })
    const source = resolveProviders(config, providersOf(sourceOf({}), { secret }).providers)
    expect(toRecord(source)).toEqual({ a: 'jaas "PLANTED";', b: `\${secret:gone}` })
    expect(source.entries.get('a')).toMatchObject({ hidden: true, given: ['PLANTED'] })
    expect(source.lints).toMatchObject([{ severity: 'error', key: 'b' }])
    expect(source.lints[0]?.message).toContain('the server has no secret gone')
  })

  it('tells that a worker alone keeps no named secrets, and a file alone is not judged', () => {
    const config = sourceOf({ a: `\${secret:db}` })
    const [alone] = resolveProviders(config, providersOf(sourceOf({})).providers).lints
    expect([alone?.severity, alone?.message]).toEqual([
      'error',
      expect.stringContaining('this worker keeps no named secrets'),
    ])
    const [file] = resolveProviders(config, defaultProviders()).lints
    expect([file?.severity, file?.message]).toEqual([
      'warning',
      expect.stringContaining('was not looked up'),
    ])
  })
})
