/**
 * What Copy as writes of a connection: text that reads back as the same, and never a secret.
 */
import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import type { ConnectorInfoV1 } from '../../api-v1.ts'
import { connectionText } from './connection-copy.ts'

const property = (key: string, label: string, type: 'text' | 'secret') =>
  ({ key, label, type, required: false, advanced: false }) as const
const KIND: ConnectorInfoV1 = {
  ...{ kind: 'backlog', title: 'Backlog', description: '', directions: ['source'] },
  properties: [
    property('url', 'URL', 'text'),
    property('apiKey', 'API Key', 'secret'),
    property('oauthClientSecret', 'OAuth Client Secret', 'secret'),
  ],
}
const of = {
  ...{ name: "it's acme", labels: ['prod: 1', '#x'], kept: ['oauthClientSecret'] },
  properties: { url: 'https://a.b/$HOME', apiKey: 'planted-secret', pageSize: 20 },
}
const url = 'http://127.0.0.1:8083'
const EXPECTED = {
  ...{ name: "it's acme", connector: 'backlog', labels: ['prod: 1', '#x'] },
  properties: {
    ...{ url: 'https://a.b/$HOME', pageSize: 20 },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference
    apiKey: '${secret:it-s-acme-api-key}',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference
    oauthClientSecret: '${secret:it-s-acme-oauth-client-secret}',
  },
}

/** What is written is one key a line, and its value JSON, which YAML reads as it is. */
function parse(text: string): Record<string, unknown> & { properties: Record<string, unknown> } {
  const of = (isOwn: boolean) =>
    text.split('\n').flatMap(line => {
      const [, space, key, value] = /^( *)(\w+): (.+)$/.exec(line) ?? []
      const isFound = key !== undefined && value !== undefined && (space === '') === isOwn
      return isFound ? [[key, /^\w+$/.test(value) ? toValue(value) : JSON.parse(value)]] : []
    })
  return { ...Object.fromEntries(of(true)), properties: Object.fromEntries(of(false)) }
}

function toValue(word: string): string | number {
  return /^\d+$/.test(word) ? Number(word) : word
}

it('reads back from YAML, without the secret', () => {
  const text = connectionText('yaml', KIND, { of, url })
  expect(parse(text)).toEqual(EXPECTED)
  expect(text).not.toContain('planted-secret')
})

it('is one word of a shell each', () => {
  const text = connectionText('curl', KIND, { of, url }).replace(/^curl/, "printf '%s\\n'")
  const words = execFileSync('sh', ['-c', text], { encoding: 'utf8' })
  expect(words).toContain(`${url}/api/v1/connections`)
  expect(JSON.parse(words.slice(words.indexOf('{')))).toEqual(EXPECTED)
})

it('keeps references as they are written', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference
  const properties = { apiKey: '${file:/run/s:key}' }
  const text = connectionText('yaml', KIND, { of: { ...of, properties, kept: [] }, url })
  expect(parse(text).properties).toEqual(properties)
})
