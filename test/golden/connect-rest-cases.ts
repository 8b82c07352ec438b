/**
 * The calls whose answers were recorded from Kafka Connect into connect-rest.json, in the order in
 * which they build on each other. Run against Kafka Connect by
 * scripts/golden/capture-connect-rest.ts and against Scamander by test/integration/rest-golden.it.ts.
 * `$CLASS` and `$TOPIC` stand for a sink class of the worker and an empty topic of one partition.
 */
export interface RestCase {
  readonly what: string
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON unless it is text. */
  readonly body?: unknown
  /** The state that connector and tasks must have before the call. */
  readonly waitFor?: 'RUNNING' | 'PAUSED' | 'STOPPED'
}

/** What is compared of an answer. */
export interface RestAnswer {
  readonly status: number
  readonly contentType: string | null
  readonly location: string | null
  readonly body: string
}

const C = '/connectors/golden'
const CONFIG = {
  'connector.class': '$CLASS',
  'tasks.max': '1',
  topics: '$TOPIC',
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
}
const get = (what: string, path: string, more: Partial<RestCase> = {}): RestCase => ({
  what,
  method: 'GET',
  path,
  ...more,
})
const send = (
  what: string,
  call: `${'POST' | 'PUT' | 'PATCH' | 'DELETE'} ${string}`,
  body?: unknown,
  more: Partial<RestCase> = {},
): RestCase => {
  const [method = '', path = ''] = call.split(' ')
  return { what, method, path, ...(body === undefined ? {} : { body }), ...more }
}

const PLACE = { kafka_topic: '$TOPIC', kafka_partition: 0 }
const offsets = (...list: unknown[]) => ({ offsets: list })

export const REST_CASES: readonly RestCase[] = [
  get('root', '/'),
  get('health', '/health'),
  get('no connectors', '/connectors'),
  get('with a slash', '/connectors/'),
  get('expanded', '/connectors?expand=status&expand=info'),
  get('unknown expansion', '/connectors?expand=nothing'),
  get('unknown connector', C),
  get('unknown config', `${C}/config`),
  get('unknown status', `${C}/status`),
  get('unknown tasks', `${C}/tasks`),
  get('unknown task status', `${C}/tasks/0/status`),
  get('unknown topics', `${C}/topics`),
  get('unknown offsets', `${C}/offsets`),
  send('unknown pause', `PUT ${C}/pause`),
  send('unknown resume', `PUT ${C}/resume`),
  send('unknown restart', `POST ${C}/restart`),
  send('unknown restart with tasks', `POST ${C}/restart?includeTasks=true`),
  send('unknown task restart', `POST ${C}/tasks/0/restart`),
  send('unknown delete', `DELETE ${C}`),
  send('unknown patch', `PATCH ${C}/config`, { a: 'b' }),
  send('unknown offsets reset', `DELETE ${C}/offsets`),
  send('unknown topics reset', `PUT ${C}/topics/reset`),
  send('no class', 'POST /connectors', { name: 'golden', config: { topics: '$TOPIC' } }),
  send('mismatch of names', `PUT ${C}/config`, { ...CONFIG, name: 'other' }),
  send('invalid', 'POST /connectors', {
    name: 'golden',
    config: { ...CONFIG, 'tasks.max': '0' },
  }),
  send('not a number', 'POST /connectors', {
    name: 'golden',
    config: { ...CONFIG, 'tasks.max': 'many' },
  }),
  send('no topics', 'POST /connectors', {
    name: 'golden',
    config: { ...CONFIG, topics: '' },
  }),
  send('bad tolerance', 'POST /connectors', {
    name: 'golden',
    config: { ...CONFIG, 'errors.tolerance': 'some' },
  }),
  send('bad initial state', 'POST /connectors', {
    name: 'golden',
    config: CONFIG,
    initial_state: 'asleep',
  }),
  send('create', 'POST /connectors', { name: ' golden ', config: CONFIG }),
  send('create again', 'POST /connectors', { name: 'golden', config: CONFIG }),
  get('names', '/connectors', { waitFor: 'RUNNING' }),
  get('info', C),
  get('info with a slash', `${C}/`),
  get('config', `${C}/config`),
  get('status', `${C}/status`),
  get('tasks', `${C}/tasks`),
  get('task status', `${C}/tasks/0/status`),
  get('no such task status', `${C}/tasks/7/status`),
  get('task that is no number', `${C}/tasks/x/status`),
  get('expanded info', '/connectors?expand=info'),
  get('expanded status', '/connectors?expand=status'),
  get('removed call', `${C}/tasks-config`),
  send('restart', `POST ${C}/restart`),
  send('restart one task', `POST ${C}/tasks/0/restart`),
  send('restart only failed', `POST ${C}/restart?onlyFailed=true&includeTasks=true`, undefined, {
    waitFor: 'RUNNING',
  }),
  send('replace', `PUT ${C}/config`, { ...CONFIG, 'tasks.max': 1 }, { waitFor: 'RUNNING' }),
  send('patch', `PATCH ${C}/config`, { 'errors.tolerance': 'all' }, { waitFor: 'RUNNING' }),
  send('patch away', `PATCH ${C}/config`, { 'errors.tolerance': null }, { waitFor: 'RUNNING' }),
  send('offsets while running', `PATCH ${C}/offsets`, offsets({ partition: PLACE, offset: null }), {
    waitFor: 'RUNNING',
  }),
  send('offsets reset while running', `DELETE ${C}/offsets`),
  send('pause', `PUT ${C}/pause`),
  get('paused', `${C}/status`, { waitFor: 'PAUSED' }),
  send('resume', `PUT ${C}/resume`),
  send('stop', `PUT ${C}/stop`, undefined, { waitFor: 'RUNNING' }),
  get('stopped', `${C}/status`, { waitFor: 'STOPPED' }),
  get('tasks of a stopped one', `${C}/tasks`),
  send('no offsets', `PATCH ${C}/offsets`, { offsets: null }),
  send('empty offsets', `PATCH ${C}/offsets`, offsets()),
  send('null partition', `PATCH ${C}/offsets`, offsets({ partition: null, offset: null })),
  send('wrong partition', `PATCH ${C}/offsets`, offsets({ partition: { a: 1 }, offset: null })),
  send(
    'partition number null',
    `PATCH ${C}/offsets`,
    offsets({ partition: { ...PLACE, kafka_partition: null }, offset: null }),
  ),
  send(
    'partition no number',
    `PATCH ${C}/offsets`,
    offsets({ partition: { ...PLACE, kafka_partition: 'x' }, offset: null }),
  ),
  send(
    'topic null',
    `PATCH ${C}/offsets`,
    offsets({ partition: { ...PLACE, kafka_topic: null }, offset: null }),
  ),
  send('wrong offset', `PATCH ${C}/offsets`, offsets({ partition: PLACE, offset: { a: 1 } })),
  send(
    'offset no number',
    `PATCH ${C}/offsets`,
    offsets({ partition: PLACE, offset: { kafka_offset: 'x' } }),
  ),
  send(
    'alter offsets',
    `PATCH ${C}/offsets`,
    offsets({ partition: { ...PLACE, kafka_partition: '0' }, offset: { kafka_offset: '0' } }),
  ),
  get('altered offsets', `${C}/offsets`),
  send('remove one', `PATCH ${C}/offsets`, offsets({ partition: PLACE, offset: null })),
  get('removed offsets', `${C}/offsets`),
  send('reset offsets', `DELETE ${C}/offsets`),
  send('reset offsets again', `DELETE ${C}/offsets`),
  send('pause a stopped one', `PUT ${C}/pause`),
  get('paused without tasks', `${C}/status`, { waitFor: 'PAUSED' }),
  get('topics', `${C}/topics`),
  send('reset topics', `PUT ${C}/topics/reset`),
  send('delete', `DELETE ${C}`),
  send('create stopped', 'POST /connectors', {
    name: 'golden',
    config: CONFIG,
    initial_state: 'Stopped',
  }),
  get('created stopped', `${C}/status`, { waitFor: 'STOPPED' }),
  send('delete the stopped one', `DELETE ${C}`),
  send('create by PUT', `PUT ${C}/config`, CONFIG),
  send('delete again', `DELETE ${C}`),
  get('unknown plugin', '/connector-plugins/NoSuch/config'),
  send('validate another class', 'PUT /connector-plugins/JsonConverter/config/validate', {
    'connector.class': '$CLASS',
  }),
  get('unknown route', '/nothing'),
  send('method not allowed', 'DELETE /connectors'),
  send('method not allowed below', `POST ${C}/status`),
  get('html wanted', '/connectors', { headers: { accept: 'text/html' } }),
  send('text sent', 'POST /connectors', '{}', { headers: { 'content-type': 'text/plain' } }),
  { what: 'HEAD', method: 'HEAD', path: '/connectors' },
  { what: 'OPTIONS', method: 'OPTIONS', path: '/connectors' },
]

export interface RestWorld {
  readonly url: string
  readonly className: string
  readonly topic: string
  /** Added to every configuration that names the class. */
  readonly more: Readonly<Record<string, string>>
}

/** The answers in the order of the cases, with names and versions of the world taken out. */
export async function runRestCases(world: RestWorld): Promise<RestAnswer[]> {
  const answers: RestAnswer[] = []
  for (const one of REST_CASES) {
    if (one.waitFor !== undefined) await waitFor(world, one.waitFor)
    answers.push(await callCase(world, one))
  }
  return answers
}

async function callCase(world: RestWorld, one: RestCase): Promise<RestAnswer> {
  const body = one.body === undefined ? undefined : toBody(world, one.body)
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(world.url + one.path, {
    method: one.method,
    headers: { ...type, ...one.headers },
    ...(body === undefined ? {} : { body }),
  })
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    location: response.headers.get('location')?.replace(/^https?:\/\/[^/]+/, '') ?? null,
    body: normalised(world, await response.text()),
  }
}

function toBody(world: RestWorld, body: unknown): string {
  if (typeof body === 'string') return body
  const text = JSON.stringify(body).replaceAll('$TOPIC', world.topic)
  if (!text.includes('$CLASS')) return text
  const more = JSON.stringify(world.more).slice(1, -1)
  return text.replace('"$CLASS"', `"${world.className}"${more === '' ? '' : `,${more}`}`)
}

/** Numbers of a version, addresses and traces differ; the members and their order must not. */
function normalised(world: RestWorld, text: string): string {
  let out = withSortedConfigs(text)
  for (const [key, value] of Object.entries(world.more)) {
    out = out.replaceAll(`,${JSON.stringify(key)}:${JSON.stringify(value)}`, '')
    out = out.replaceAll(`${JSON.stringify(key)}:${JSON.stringify(value)},`, '')
  }
  return out
    .replaceAll(world.className, '$CLASS')
    .replaceAll(world.topic, '$TOPIC')
    .replace(/"worker_id":"[^"]*"/g, '"worker_id":"$WORKER"')
    .replace(/"version":"[^"]*"/g, '"version":"$VERSION"')
    .replace(/"commit":"[^"]*"/g, '"commit":"$COMMIT"')
    .replace(/"kafka_cluster_id":"[^"]*"/g, '"kafka_cluster_id":"$CLUSTER"')
    .replace(/"last_modified":\d+/g, '"last_modified":1')
    .replace(/"task\.class":"[^"]*"/g, '"task.class":"$TASK"')
}

/** Configurations are maps: their order says nothing. */
function withSortedConfigs(text: string): string {
  if (!/^[{[]/.test(text)) return text
  return JSON.stringify(JSON.parse(text), (key, value) => {
    if (key !== 'config' || typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

async function waitFor({ url }: RestWorld, state: string): Promise<void> {
  const deadlineMs = performance.now() + 30_000
  for (;;) {
    const response = await fetch(`${url}/connectors/golden/status`)
    if (response.status === 200) {
      const { connector, tasks } = (await response.json()) as {
        connector: { state: string }
        tasks: { state: string }[]
      }
      const isThere = [connector, ...tasks].every(one => one.state === state)
      if (isThere && (state !== 'RUNNING' || tasks.length > 0)) return
    }
    if (performance.now() > deadlineMs) throw new Error(`golden: waited in vain for ${state}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
