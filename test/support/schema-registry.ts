/**
 * A schema registry over real HTTP for tests: the calls of the Confluent API that the client uses,
 * with ids, versions, references, compatibility, login and faults on demand. Where Apicurio's registry
 * can be had, the same tests also run against it (`apicurio.ts`).
 * Invariants: equal texts of one type have one id, as in the real ones; a stopped registry starts
 * again at the same address with what it knew. Spec: connect-rest 12.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

interface Stored {
  readonly id: number
  readonly schema: string
  readonly schemaType: string
  readonly references: readonly unknown[]
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** `undefined` lets the request through. */
export type Fault = (path: string, method: string) => Answer | 'hang' | undefined

const fail = (status: number, code: number, message: string): Answer => ({
  status,
  body: { error_code: code, message },
})

export class SchemaRegistryServer implements AsyncDisposable {
  #server: Server | undefined
  #port = 0
  readonly #schemas: Stored[] = []
  readonly #subjects = new Map<string, Stored[]>()
  /** Method and path of every request. */
  readonly requests: string[] = []
  compatibility: 'NONE' | 'BACKWARD' = 'NONE'
  /** The only `authorization` that is let in. */
  authorization: string | undefined
  fault: Fault = () => undefined
  readonly #tls: ServerOptions | undefined

  /** With `tls` it speaks https. */
  constructor(tls?: ServerOptions) {
    this.#tls = tls
  }

  get url(): string {
    return `${this.#tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.#port}`
  }

  async start(): Promise<this> {
    const serve = (request: IncomingMessage, response: ServerResponse) =>
      void this.#serve(request, response)
    const tls = this.#tls
    const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject)
    server.listen(this.#port, '127.0.0.1', resolve)
    await promise
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    return this
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const { promise, resolve } = Promise.withResolvers<void>()
    server.close(() => resolve())
    server.closeAllConnections()
    await promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += chunk
    const { pathname } = new URL(request.url ?? '/', 'http://registry')
    const method = request.method ?? ''
    this.requests.push(`${method} ${pathname}`)
    const fault = this.fault(pathname, method)
    if (fault === 'hang') return
    const isAllowed =
      this.authorization === undefined || request.headers.authorization === this.authorization
    const answer =
      fault ?? (isAllowed ? this.#answer(method, pathname, text) : fail(401, 401, 'Unauthorized'))
    response.writeHead(answer.status, {
      'content-type': 'application/vnd.schemaregistry.v1+json',
    })
    response.end(JSON.stringify(answer.body))
  }

  #answer(method: string, path: string, text: string): Answer {
    const parts = path.split('/').slice(1).map(decodeURIComponent)
    const [root, name = '', kind, version] = parts
    const body = text === '' ? {} : (JSON.parse(text) as Partial<Stored>)
    if (root === 'schemas' && name === 'ids') return this.#byId(Number(kind))
    if (root === 'compatibility') return this.#compatible(kind ?? '', body)
    if (root !== 'subjects') return { status: 404, body: 'no such path' }
    if (method === 'GET' && name === '') return { status: 200, body: [...this.#subjects.keys()] }
    if (method === 'GET') return this.#byVersion(name, version ?? 'latest')
    return kind === 'versions' ? this.#register(name, body) : this.#lookUp(name, body)
  }

  #byId(id: number): Answer {
    const found = this.#schemas.find(one => one.id === id)
    if (found === undefined) return fail(404, 40403, `Schema ${id} not found`)
    return { status: 200, body: described(found) }
  }

  #byVersion(subject: string, version: string): Answer {
    const versions = this.#subjects.get(subject)
    if (versions === undefined) return fail(404, 40401, `Subject '${subject}' not found.`)
    const number = version === 'latest' ? versions.length : Number(version)
    const found = versions[number - 1]
    if (found === undefined) return fail(404, 40402, `Version ${version} not found.`)
    return { status: 200, body: { subject, version: number, id: found.id, ...described(found) } }
  }

  #register(subject: string, body: Partial<Stored>): Answer {
    const wanted = this.#stored(body)
    if (wanted === undefined) return fail(422, 42201, 'Invalid schema')
    const versions = this.#subjects.get(subject) ?? []
    if (versions.includes(wanted)) return { status: 200, body: { id: wanted.id } }
    const last = versions.at(-1)
    if (last !== undefined && this.compatibility === 'BACKWARD' && !canRead(wanted, last)) {
      return fail(409, 409, 'Schema being registered is incompatible with an earlier schema')
    }
    this.#subjects.set(subject, [...versions, wanted])
    return { status: 200, body: { id: wanted.id } }
  }

  #lookUp(subject: string, body: Partial<Stored>): Answer {
    const versions = this.#subjects.get(subject)
    if (versions === undefined) return fail(404, 40401, `Subject '${subject}' not found.`)
    const index = versions.findIndex(one => isSame(one, body))
    if (index < 0) return fail(404, 40403, 'Schema not found')
    const found = versions[index]!
    return { status: 200, body: { subject, version: index + 1, id: found.id, ...described(found) } }
  }

  #compatible(subject: string, body: Partial<Stored>): Answer {
    const last = this.#subjects.get(subject)?.at(-1)
    if (last === undefined) return fail(404, 40401, `Subject '${subject}' not found.`)
    const wanted = { ...last, schema: body.schema ?? '' }
    return { status: 200, body: { is_compatible: canRead(wanted, last) } }
  }

  #stored(body: Partial<Stored>): Stored | undefined {
    const { schema, schemaType = 'AVRO', references = [] } = body
    if (typeof schema !== 'string' || schema === '') return undefined
    if (schemaType !== 'PROTOBUF' && !isJson(schema)) return undefined
    const known = this.#schemas.find(one => isSame(one, body))
    if (known !== undefined) return known
    const made = { id: this.#schemas.length + 1, schema, schemaType, references }
    this.#schemas.push(made)
    return made
  }
}

function described({ schema, schemaType, references }: Stored) {
  return {
    schema,
    ...(schemaType === 'AVRO' ? {} : { schemaType }),
    ...(references.length === 0 ? {} : { references }),
  }
}

function isSame(one: Stored, body: Partial<Stored>): boolean {
  return one.schema === body.schema && one.schemaType === (body.schemaType ?? 'AVRO')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Avro's rule for records: every field is in the old schema with the same type, or has a default. */
function canRead(wanted: Stored, written: Stored): boolean {
  if (wanted.schemaType !== 'AVRO') return true
  const old = fieldsOf(written.schema)
  return fieldsOf(wanted.schema).every(field => {
    const before = old.find(one => one.name === field.name)
    if (before === undefined) return 'default' in field
    return JSON.stringify(before.type) === JSON.stringify(field.type)
  })
}

function fieldsOf(schema: string): { name: string; type: unknown }[] {
  return (JSON.parse(schema) as { fields?: { name: string; type: unknown }[] }).fields ?? []
}
