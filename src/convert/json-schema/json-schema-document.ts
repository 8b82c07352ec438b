/**
 * A JSON Schema with everything that it refers to: finds the target of every `$ref`, inside the
 * text, by `$id`, by anchor, and in the texts that the registry keeps as references.
 * Called while a schema is translated, never per record. Spec: JSON Schema draft 4 to 2020-12, `$ref`.
 * Invariant: nothing is fetched from anywhere: a reference is known or it is an error.
 */
import { JsonSyntaxError, type JsonValue, parseJsonText } from '../../base/json/parse-json.ts'
import type { ImportedSchema } from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'

export type SchemaNode = ReadonlyMap<string, JsonValue>

/** A node and the document that its references are relative to. */
export interface PlacedNode {
  readonly node: SchemaNode
  readonly document: JsonSchemaDocument
}

export class JsonSchemaDocument {
  readonly root: JsonValue
  readonly #imports: ReadonlyMap<string, JsonSchemaDocument>
  readonly #byId = new Map<string, SchemaNode>()

  constructor(root: JsonValue, imports: ReadonlyMap<string, JsonSchemaDocument>) {
    this.root = root
    this.#imports = imports
    this.#collectIds(root)
  }

  static parse(text: string, imports: readonly ImportedSchema[]): JsonSchemaDocument {
    const known = new Map<string, JsonSchemaDocument>()
    for (const one of imports) {
      const document = new JsonSchemaDocument(parse(one.text), known)
      known.set(one.name, document)
      const id = document.#id()
      if (id !== undefined) known.set(id, document)
    }
    return new JsonSchemaDocument(parse(text), known)
  }

  /** The node that a `$ref` of this document means. */
  resolve(reference: string): PlacedNode {
    const hash = reference.indexOf('#')
    const base = hash < 0 ? reference : reference.slice(0, hash)
    const fragment = hash < 0 ? '' : decodeURIComponent(reference.slice(hash + 1))
    if (base !== '' && !this.#isOwn(base)) {
      const inside = this.#byId.get(base)
      if (inside !== undefined && fragment === '') return { node: inside, document: this }
      return this.#import(base, reference).#atFragment(fragment, reference)
    }
    return this.#atFragment(fragment, reference)
  }

  #import(base: string, reference: string): JsonSchemaDocument {
    const direct = this.#imports.get(base) ?? this.#imports.get(this.#absolute(base))
    if (direct !== undefined) return direct
    throw schemaError(`expected a registered reference for ${reference}, found none`)
  }

  #atFragment(fragment: string, reference: string): PlacedNode {
    if (fragment === '') return { node: this.#asNode(this.root, reference), document: this }
    if (!fragment.startsWith('/')) {
      const anchor = this.#byId.get(`#${fragment}`)
      if (anchor === undefined) throw schemaError(`expected an anchor for ${reference}, found none`)
      return { node: anchor, document: this }
    }
    let at: JsonValue | undefined = this.root
    for (const part of fragment.slice(1).split('/')) {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
      at = at instanceof Map ? at.get(name) : Array.isArray(at) ? at[Number(name)] : undefined
    }
    return { node: this.#asNode(at, reference), document: this }
  }

  #asNode(json: JsonValue | undefined, reference: string): SchemaNode {
    if (json instanceof Map) return json
    if (json === true) return new Map()
    throw schemaError(`expected a schema at ${reference}, found none`)
  }

  #id(): string | undefined {
    const id = this.root instanceof Map ? (this.root.get('$id') ?? this.root.get('id')) : undefined
    return typeof id === 'string' ? id.replace(/#$/, '') : undefined
  }

  #isOwn(base: string): boolean {
    const id = this.#id()
    return id !== undefined && (id === base || id === this.#absolute(base))
  }

  #absolute(base: string): string {
    const id = this.#id()
    return (id === undefined ? undefined : URL.parse(base, id)?.href) ?? base
  }

  #collectIds(json: JsonValue): void {
    if (Array.isArray(json)) for (const one of json) this.#collectIds(one)
    if (!(json instanceof Map)) return
    const id = json.get('$id')
    const anchor = json.get('$anchor')
    if (typeof id === 'string' && json !== this.root) this.#byId.set(id, json)
    if (typeof anchor === 'string') this.#byId.set(`#${anchor}`, json)
    for (const one of json.values()) this.#collectIds(one)
  }
}

function parse(text: string): JsonValue {
  try {
    return parseJsonText(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw schemaError(`expected JSON: ${error.message}`, error)
  }
}

export function schemaError(message: string, cause?: unknown) {
  return dataError(CONVERT_ERRORS.SCHEMA, `JSON Schema: ${message}`, cause)
}
