import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readUsers, unknownExtensions } from './credentials.ts'

const EXTENSION =
  'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension'
const folder = mkdtempSync(join(tmpdir(), 'scamander-users-'))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const users = file('users', '# people\nann=a:b\nbob: c d\n')
const jaas = file(
  'jaas.conf',
  `KafkaServer { x.PlainLoginModule required; };
   KafkaConnect {
     org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule required
     file="${users}";
   };`,
)

describe('readUsers', () => {
  it('reads our file, and that of the JAAS entry', () => {
    expect(readUsers({ usersFile: users, extensions: [] })).toEqual(['ann:a:b', 'bob:c d'])
    for (const option of [jaas, `"${jaas}"`]) {
      const env = { KAFKA_OPTS: `-Xmx1g -Djava.security.auth.login.config=${option} -Dx=y` }
      expect(readUsers({ usersFile: '', extensions: [EXTENSION], env })).toEqual([
        'ann:a:b',
        'bob:c d',
      ])
    }
  })

  it('of neither knows nobody', () => {
    expect(readUsers({ usersFile: '', extensions: [], env: {} })).toEqual([])
    expect(unknownExtensions([EXTENSION, 'BasicAuthSecurityRestExtension', 'x.Y'])).toEqual(['x.Y'])
  })

  it.each([
    ['no file', { usersFile: join(folder, 'none') }, /basic\.file: cannot read .*ENOENT/],
    ['nobody in it', { usersFile: file('empty', '# none\n') }, /expected users as name=password/],
    ['no option', { env: {} }, /rest\.extension\.classes: expected the users/],
    [
      'no entry',
      { env: { KAFKA_OPTS: `-Djava.security.auth.login.config=${file('other', 'X { };')}` } },
      /expected an entry KafkaConnect/,
    ],
  ])('%s is refused', (_what, given, message) => {
    const settings = { usersFile: '', extensions: [EXTENSION], ...given }
    expect(() => readUsers(settings)).toThrow(message)
  })
})
