/**
 * Loads a package when it is first needed. For packages that most runs do not need and that every
 * thread would otherwise load and keep: native compression, key stores, archives.
 * Used by rooms that import such a package's types only. Synchronous, because codecs are.
 * Invariant: a package is loaded once; one that is missing fails where it is needed.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** `T` is the package: `typeof import('name')`. */
export function lazyPackage<T>(name: string): () => T {
  let loaded: T | undefined
  return () => {
    loaded ??= require(name) as T
    return loaded
  }
}
