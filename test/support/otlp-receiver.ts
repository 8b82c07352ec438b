/**
 * A collector of traces for tests: takes OTLP over HTTP, decodes protobuf or JSON as the protocol
 * defines them, and keeps what it was sent.
 * Used by traces.it.ts. The messages are written down here as far as they are read.
 * Invariant: what cannot be decoded is answered 400 and kept as a problem, never passed over.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import protobuf from 'protobufjs'

const PROTO = `
syntax = "proto3";
message Export { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message Scope { string name = 1; string version = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  repeated Link links = 13; Status status = 15;
}
message Link { bytes trace_id = 1; bytes span_id = 2; }
message Status { string message = 2; int32 code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`
const EXPORT = protobuf.parse(PROTO).root.lookupType('Export')

export interface ReceivedSpan {
  readonly service: string
  readonly resource: Readonly<Record<string, unknown>>
  readonly traceId: string
  readonly spanId: string
  /** Empty: a root. */
  readonly parentId: string
  readonly name: string
  /** As the protocol numbers them: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly ms: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  /** 2: it failed. */
  readonly status: number
}

export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = []
  readonly requests: { readonly type: string; readonly headers: IncomingMessage['headers'] }[] = []
  readonly problems: string[] = []
  readonly #server: Server
  #url = ''

  constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response))
  }

  /** Base address, as an endpoint is configured. */
  get url(): string {
    return this.#url
  }

  async open(port = 0): Promise<this> {
    await new Promise<void>(resolve => this.#server.listen(port, '127.0.0.1', resolve))
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  childrenOf(parent: ReceivedSpan): ReceivedSpan[] {
    return this.spans.filter(
      one => one.parentId === parent.spanId && one.traceId === parent.traceId,
    )
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const type = request.headers['content-type'] ?? ''
    this.requests.push({ type, headers: request.headers })
    try {
      if (request.method !== 'POST' || request.url !== '/v1/traces') {
        throw new Error(`${request.method} ${request.url}`)
      }
      this.spans.push(...spansOf(decode(type, Buffer.concat(chunks))))
      response.writeHead(200, { 'content-type': type })
      response.end(type === 'application/json' ? '{}' : undefined)
    } catch (error) {
      this.problems.push(String(error))
      response.writeHead(400).end()
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a document of the protocol
type Json = any

/** JSON as the protocol has it: ids in hexadecimal digits, 64-bit integers as text. */
function decode(type: string, body: Buffer): Json {
  if (type === 'application/json') return JSON.parse(body.toString())
  if (type !== 'application/x-protobuf') throw new Error(`unknown type ${type}`)
  const message = EXPORT.decode(body)
  return EXPORT.toObject(message, { longs: String, bytes: Buffer })
}

function spansOf({ resourceSpans = [] }: Json): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }: Json) => {
    const attributes = valuesOf(resource?.attributes)
    return scopeSpans.flatMap(({ spans = [] }: Json) =>
      spans.map((span: Json) => spanOf(span, attributes)),
    )
  })
}

function spanOf(span: Json, resource: Record<string, unknown>): ReceivedSpan {
  return {
    service: String(resource['service.name']),
    resource,
    traceId: idOf(span.traceId),
    spanId: idOf(span.spanId),
    parentId: idOf(span.parentSpanId),
    name: span.name,
    kind: span.kind,
    ms: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
    attributes: valuesOf(span.attributes),
    links: (span.links ?? []).map((link: Json) => ({
      traceId: idOf(link.traceId),
      spanId: idOf(link.spanId),
    })),
    status: span.status?.code ?? 0,
  }
}

function idOf(id: Buffer | string | undefined): string {
  return Buffer.isBuffer(id) ? id.toString('hex') : (id ?? '')
}

function valuesOf(attributes: Json[] = []): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const { stringValue, boolValue, intValue, doubleValue } = value
      return [
        key,
        stringValue ?? boolValue ?? (intValue === undefined ? doubleValue : Number(intValue)),
      ]
    }),
  )
}
