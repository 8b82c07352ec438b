/**
 * Settings that name a file: a path, a `file:` URL or inline `base64:<data>`.
 * The value is a `Secret`, because inline data is key material; the loader reveals it.
 * Every given path must exist, be a regular file and be readable, whatever uses it.
 * Spec: cassandra-sink 3.2.
 */
import { accessSync, constants, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fieldMaker, Secret, type Validator } from '../../../config/index.ts'

/** Empty text means not given. */
export const fileField = fieldMaker<Secret>({
  type: 'STRING',
  width: 'LONG',
  format: () => '',
  schema: { type: 'string' },
  parse: text => ({ value: new Secret(text.trim()) }),
})

export function fileText(): Validator<Secret> {
  return {
    expected: 'the path of a readable regular file, or base64:<data>',
    check: secret => problemsOf(secret.reveal()),
  }
}

export function bundleText(): Validator<Secret> {
  return {
    expected: 'the path of a readable bundle, a file: or http(s): URL, or base64:<data>',
    check: secret => {
      const text = secret.reveal()
      if (!/^https?:/i.test(text)) return problemsOf(text)
      return URL.canParse(text) ? [] : ['not a valid URL']
    },
  }
}

function problemsOf(text: string): string[] {
  if (text === '') return []
  if (text.startsWith('base64:')) return isBase64(text.slice(7)) ? [] : ['not valid base64 data']
  try {
    const path = text.startsWith('file:') ? fileURLToPath(text) : text
    if (!statSync(path).isFile()) return [`${nameOf(text)} is not a regular file`]
    accessSync(path, constants.R_OK)
    return []
  } catch (error) {
    return [reasonOf(nameOf(text), (error as NodeJS.ErrnoException).code)]
  }
}

function reasonOf(name: string, code: string | undefined): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return `${name} does not exist`
  if (code === 'EACCES' || code === 'EPERM') return `${name} is not readable by this user`
  return `${name} cannot be used (${code ?? 'invalid path'})`
}

const PATH_CHARS_MAX = 120

/** The path, unless the text may be key material that was pasted in. */
function nameOf(text: string): string {
  const isPath = text.length <= PATH_CHARS_MAX && !/[\r\n]|-----/.test(text)
  return isPath ? `the file ${text}` : 'the file'
}

function isBase64(text: string): boolean {
  const data = text.replace(/\s+/g, '')
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(data) && data.replace(/=+$/, '').length % 4 !== 1
}
