/**
 * The rules of the source tree as data: rooms and levels, owners of libraries, sizes, names,
 * entry points and exceptions with their reasons. Read by the checks of `npm run tidy`.
 * To add a room, add a line here, an index.ts, and a line in docs/internals/ARCHITECTURE.md.
 * Spec: style, Parts 2 and 3.
 */
export interface Rules {
  /** A room may import its own files, base, and rooms of a lower level. */
  readonly levels: ReadonlyMap<string, number>
  /** Imports that break the level rule on purpose, as `from to`. */
  readonly sideways: ReadonlySet<string>
  /** Rooms that others import file by file. */
  readonly openRooms: ReadonlySet<string>
  /** Libraries that only these path prefixes may import. */
  readonly libraries: ReadonlyMap<string, readonly string[]>
  readonly forbiddenNames: ReadonlySet<string>
  /** Files longer than `linesMax`, with the reason. */
  readonly sizeExceptions: ReadonlyMap<string, string>
  readonly linesQuestioned: number
  readonly linesMax: number
  /** Modules that are started, not imported: program and worker entry points. */
  readonly entryPoints: readonly string[]
  /** Modules kept although nothing imports them, with the reason. */
  readonly deadExceptions: ReadonlyMap<string, string>
}

const LIBRARIES_OF_THE_PAGE = [
  'react',
  'react-dom',
  'uplot',
  '@mantine/core',
  '@mantine/dates',
  '@mantine/form',
  '@mantine/hooks',
  '@mantine/modals',
  '@mantine/notifications',
  '@mantine/spotlight',
  '@tabler/icons-react',
  '@tanstack/react-query',
  '@tanstack/react-router',
  '@tanstack/react-table',
  '@tanstack/react-virtual',
  '@uiw/react-codemirror',
  '@codemirror/lang-sql',
]

const LIBRARIES_OF_TRACES = [
  '@opentelemetry/api',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace',
]

export const RULES: Rules = {
  levels: new Map([
    ['base', 0],
    ['config', 1],
    ['telemetry', 1],
    ['flow', 2],
    ['cql', 2],
    ['kcql', 2],
    ['sandbox', 2],
    ['commitlog', 3],
    ['convert', 3],
    ['transform', 3],
    ['cassandra', 3],
    ['kafka', 3],
    ['backlog', 3],
    ['source', 4],
    ['sink', 4],
    ['pipeline', 4],
    ['proxy', 4],
    ['migrate', 4],
    ['browse', 4],
    ['catalog.ts', 4.5],
    ['replicate', 5],
    ['connect', 5],
    ['server', 6],
    ['demo', 6.5],
    ['cli', 7],
    ['main.ts', 8],
    ['ui', 6],
  ]),
  sideways: new Set([
    // Query sources take the connection keys of their dialect, which the sinks declare.
    'source sink',
  ]),
  openRooms: new Set(['base']),
  libraries: new Map<string, readonly string[]>([
    ['@platformatic/kafka', ['src/kafka/', 'test/', 'bench/']],
    ['cassandra-driver', ['src/cassandra/', 'scripts/golden/', 'test/', 'bench/']],
    ['protobufjs', ['src/convert/protobuf/', 'test/', 'bench/']],
    ['avsc', ['test/', 'bench/']],
    ['node-forge', ['src/base/keystore/', 'src/sandbox/', 'test/']],
    ['vega-datasets', ['src/demo/', 'test/']],
    ['fastify', ['src/server/']],
    ['prom-client', ['src/telemetry/']],
    ['commander', ['src/cli/', 'scripts/docs/']],
    ...LIBRARIES_OF_TRACES.map((name): [string, string[]] => [name, ['src/telemetry/tracing/']]),
    ['@duckdb/node-api', ['src/replicate/', 'test/']],
    ['croner', ['src/replicate/']],
    ['backlog-js', ['test/']],
    ...LIBRARIES_OF_THE_PAGE.map((name): [string, string[]] => [name, ['src/ui/']]),
    ['vite', ['scripts/build/']],
    ['@vitejs/plugin-react', ['scripts/build/']],
    ['playwright-core', ['test/ui/', 'bench/scenario/ui/']],
    ['axe-core', ['test/ui/']],
    ['yaml', ['src/replicate/', 'src/cli/', 'test/support/', 'test/contract/']],
  ]),
  forbiddenNames: new Set([
    'utils.ts',
    'util.ts',
    'helpers.ts',
    'common.ts',
    'types.ts',
    'misc.ts',
  ]),
  sizeExceptions: new Map([]),
  linesQuestioned: 300,
  linesMax: 500,
  entryPoints: [
    'src/main.ts',
    'src/connect/distributed/membership-thread.ts',
    'src/connect/threads/task-thread.ts',
    'src/sandbox/holder.ts',
    'src/proxy/proxy-worker.ts',
    'src/source/cdc/agent/agent-worker.ts',
    'src/sandbox/main.ts',
    'src/ui/live/live-worker.ts',
  ],
  deadExceptions: new Map([]),
}
