/**
 * What Copy as writes: text that reads back as the same connector, and never a secret.
 */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { ConfigInfos } from '../../api.ts'
import { parsePaste } from './config-text.ts'
import { copyText, hasPlaceholder, withoutSecrets } from './copy-text.ts'

const CONFIG = {
  'connector.class': 'a.B',
  'topic.t.ks.it’s.mapping': "k=key, v='x' $HOME `id`",
  regex: 'a\\.b\nc',
}
const of = { config: CONFIG, url: 'http://127.0.0.1:8083' }

describe('copy as', () => {
  it.each(['json', 'properties', 'yaml', 'curl'] as const)('%s reads back as the same', format => {
    const text = copyText(format, "a/b 'c", of)
    const [item] = parsePaste(text).items
    const { name: _name, ...config }: Record<string, string> = item?.config ?? {}
    expect(config).toEqual(CONFIG)
    expect(item?.name).toBe("a/b 'c")
  })

  it('writes a curl command that a shell reads as one', () => {
    const text = copyText('curl', "a/b 'c", of).replace(/^curl/, "printf '%s\\n'")
    const words = execFileSync('sh', ['-c', text], { encoding: 'utf8' })
    expect(words).toContain("http://127.0.0.1:8083/connectors/a%2Fb%20'c/config")
    expect(words).toContain(JSON.stringify(CONFIG, undefined, 2))
  })

  it('writes a command whose file is the body', () => {
    const text = copyText('command', 'a/b', of)
    expect(text).toMatch(/^cat > 'a_b\.json' <<'JSON'\n\{/)
    expect(text).toContain(
      "\nJSON\nscamander connect --url 'http://127.0.0.1:8083' apply --file 'a_b.json'",
    )
    const body = text.slice(text.indexOf('{'), text.lastIndexOf('\nJSON\n'))
    expect(JSON.parse(body)).toEqual({ name: 'a/b', config: CONFIG })
  })
})

describe('secrets', () => {
  const infos = {
    configs: [{ definition: { name: 'x.pin', type: 'PASSWORD' }, value: null }],
  } as unknown as ConfigInfos

  it('are left out, references stay', () => {
    const config = {
      ...{ a: '1', 'auth.password': '[hidden]', 'x.pin': 'typed', 'my.secret': 'typed' },
      ...{ 'b.password': `\${file:/run/s:p}`, 'c.password': '' },
    }
    const shown = withoutSecrets(config, infos)
    expect(shown).toEqual({
      ...{ a: '1', 'auth.password': `\${secret:auth.password}`, 'x.pin': `\${secret:x.pin}` },
      ...{ 'my.secret': `\${secret:my.secret}` },
      ...{ 'b.password': `\${file:/run/s:p}`, 'c.password': '' },
    })
    const typed = {
      ...{ 'producer.override.sasl.jaas.config': 'typed', 'basic.auth.user.info': 'a:b' },
      ...{ 'ssl.ca': 'base64:AAAA', 'd.password': `\${x}typed` },
    }
    expect(JSON.stringify(withoutSecrets(typed))).not.toMatch(/typed|a:b|AAAA/)
    expect([hasPlaceholder(shown), hasPlaceholder({ a: '1' })]).toEqual([true, false])
  })
})
