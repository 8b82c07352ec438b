/**
 * Renders the generated reference pages from declarations: errors, metrics, commands, routes.
 * Called by main.ts. Configuration pages are rendered by src/config itself (`renderDocs`).
 * Invariant: pure and sorted, so that the same declarations always give the same bytes.
 */
import type { Command } from 'commander'
import type { ErrorDeclaration } from '../../src/base/scamander-error.ts'
import type { Route } from '../../src/server/index.ts'
import type { MetricDescriptor } from '../../src/telemetry/index.ts'

const KIND_MEANING = [
  ['config', 'The settings are wrong', 'does not start', '400', '2'],
  ['request', 'Unknown name or wrong state', 'refuses', '404, 409 or 412', '2'],
  [
    'data',
    'This record cannot be converted or written',
    'skips, dead-letters or rewinds',
    '-',
    '3',
  ],
  ['retriable', 'The same call may succeed later', 'backs off and retries', '503', '4'],
  ['disconnected', 'The connection is gone', 'reopens, then retries', '503', '4'],
  ['fatal', 'The task cannot go on', 'task FAILED, trace kept', '500', '1'],
  ['cancelled', 'Stopped on purpose', 'finishes quietly', '-', '130'],
] as const

export function renderErrors(declarations: readonly ErrorDeclaration[]): string {
  const lines = [
    ...title('Errors', "each room's `errors.ts`"),
    'Every error of the product has a code and a kind. The kind decides what happens next.',
    '',
    ...table(['kind', 'meaning', 'engine', 'REST', 'exit code'], KIND_MEANING),
  ]
  for (const [room, members] of groupBy(declarations, one => one.code.split('_')[1] ?? '')) {
    lines.push('', `## ${room.toLowerCase()}`, '')
    const rows = members.map(({ code, kind, summary, advice }) => [
      `\`${code}\``,
      kind,
      summary,
      advice,
    ])
    lines.push(...table(['code', 'kind', 'when', 'what to do'], rows))
  }
  return `${lines.join('\n')}\n`
}

export function renderMetrics(descriptors: readonly MetricDescriptor[]): string {
  const lines = [
    ...title('Metrics', "each room's `metrics.ts`"),
    'All metrics are exposed in the Prometheus text format at `/metrics`. See',
    '[operating/metrics.md](../operating/metrics.md) for what to watch.',
  ]
  for (const [room, members] of groupBy(descriptors, one => one.name.split('_')[1] ?? '')) {
    lines.push('', `## ${room}`, '')
    const rows = members.map(({ name, kind, labels, help }) => [
      `\`${name}\``,
      kind,
      labels.join(', '),
      help,
    ])
    lines.push(...table(['metric', 'kind', 'labels', 'meaning'], rows))
  }
  return `${lines.join('\n')}\n`
}

const CONNECT = [
  'The calls of Kafka Connect\'s REST API, level 4.1. Errors are `{"error_code", "message"}` with the status as code;',
  'a slash at the end of a path makes no difference; names in paths are percent-encoded. A body has at most 4 MiB, a',
  'larger one is answered 413. The calls on [change capture](rest-capture.md) have a page of their own.',
]

/** Of a worker that captures. */
export const CAPTURE_ROUTES = {
  name: 'REST API of change capture',
  about: [
    'The calls of a worker that has `cdc.contact.points`; `scamander advrep` is made of them. Errors, paths and bodies are as in the',
    '[REST API](rest.md). Names are as stored: without quotes, case kept. Agents and workers elsewhere call those below `/agents/{hostId}`,',
    '`/delivery` and `/definitions`: they change with the release.',
  ],
}

/** Every call of the REST API, in the order in which the server has them. */
export function renderRoutes(
  routes: readonly Route[],
  { name, about }: typeof CAPTURE_ROUTES = { name: 'REST API', about: CONNECT },
): string {
  const lines = [...title(name, 'the routes in `src/server`'), ...about, '']
  const rows = routes.map(({ method, path, summary }) => [
    `\`${method} ${shownPath(path)}\``,
    summary,
  ])
  lines.push(...table(['call', 'what it does'], rows))
  for (const { method, path, query = {}, body } of routes) {
    if (body === undefined && Object.keys(query).length === 0) continue
    lines.push('', `## ${method} ${shownPath(path)}`, '')
    if (body !== undefined) lines.push(`Body: ${body}.`, '')
    const parameters = Object.entries(query).map(([name, text]) => [`\`${name}\``, text])
    if (parameters.length > 0) lines.push(...table(['parameter', 'meaning'], parameters))
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function shownPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}')
}

/** Every visible command with its arguments, options and the text of its examples. */
export function renderCommands(program: Command): string {
  const lines = title('Commands', 'the command declarations in `src/cli`')
  for (const command of commandsOf(program)) {
    lines.push(`## ${pathOf(command)}`, '', command.description(), '')
    lines.push('```text', `${pathOf(command)} ${command.usage()}`.trimEnd(), '```')
    const help = command.createHelp()
    const args = help.visibleArguments(command)
    if (args.length > 0) {
      const rows = args.map(arg => [`\`${help.argumentTerm(arg)}\``, help.argumentDescription(arg)])
      lines.push('', ...table(['argument', 'meaning'], rows))
    }
    const options = help.visibleOptions(command).filter(option => option.long !== '--help')
    if (options.length > 0) {
      const rows = options.map(one => [`\`${help.optionTerm(one)}\``, help.optionDescription(one)])
      lines.push('', ...table(['option', 'meaning'], rows))
    }
    lines.push('')
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** A page that another renderer wrote, under the same mark. */
export function markGenerated(page: string, origin: string): string {
  const mark = `<!-- generated from ${origin} by \`npm run docs\`; do not edit -->`
  return `${mark}\n\n${page.trim()}\n`
}

function title(name: string, origin: string): string[] {
  const mark = `<!-- generated from ${origin} by \`npm run docs\`; do not edit -->`
  return [mark, '', `# ${name}`, '']
}

function commandsOf(command: Command): Command[] {
  return [command, ...command.createHelp().visibleCommands(command).flatMap(commandsBelow)]
}

function commandsBelow(command: Command): Command[] {
  return command.name() === 'help' ? [] : commandsOf(command)
}

function pathOf(command: Command): string {
  const parent = command.parent
  return parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)]
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
