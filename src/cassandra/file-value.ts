/**
 * Settings that name a file or carry its content as `base64:<data>`: key stores, keys, bundles.
 * Called at start only, so reading is synchronous; content never touches the disk again.
 * Spec: cassandra-sink 3.2.
 */
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ErrorDeclaration, messageOf, ScamanderError } from '../base/scamander-error.ts'

const INLINE = 'base64:'
const FILE_BYTES_MAX = 64 * 1024 * 1024

/** The bytes that `value` names; errors are told as `declaration` and name `key`. */
export function readFileValue(key: string, value: string, declaration: ErrorDeclaration): Buffer {
  if (value.startsWith(INLINE)) return decodeInline(key, value, declaration)
  const path = value.startsWith('file:') ? toPath(key, value, declaration) : value
  try {
    const status = statSync(path)
    if (!status.isFile()) {
      const found = status.isDirectory() ? 'a directory' : 'something else'
      throw new ScamanderError(
        declaration,
        `${key}: expected a regular file, found ${found}: ${path}`,
      )
    }
    if (status.size > FILE_BYTES_MAX) {
      const message = `${key}: expected at most ${FILE_BYTES_MAX} bytes, found ${status.size}: ${path}`
      throw new ScamanderError(declaration, message)
    }
    return readFileSync(path)
  } catch (cause) {
    if (cause instanceof ScamanderError) throw cause
    const message = `${key}: expected a readable file, found ${reasonOf(cause)}: ${path}`
    throw new ScamanderError(declaration, message, { cause })
  }
}

function decodeInline(key: string, value: string, declaration: ErrorDeclaration): Buffer {
  const text = value.slice(INLINE.length).replace(/\s+/g, '')
  const standard = text.replaceAll('-', '+').replaceAll('_', '/')
  if (standard === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(standard) || standard.length % 4 === 1) {
    const message = `${key}: expected base64 data after "base64:", found ${text.length} characters that are not`
    throw new ScamanderError(declaration, message)
  }
  return Buffer.from(standard, 'base64')
}

function toPath(key: string, value: string, declaration: ErrorDeclaration): string {
  try {
    return fileURLToPath(value)
  } catch (cause) {
    const message = `${key}: expected a file: URL with an absolute path, found ${value}`
    throw new ScamanderError(declaration, message, { cause })
  }
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'a file this process may not read'
  return messageOf(error)
}
