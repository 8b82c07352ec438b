/**
 * The commands that compare files with what runs: `create`, `apply`, `diff`, `validate`.
 * `apply` is repeatable: it creates what is missing, changes what differs, and leaves the rest
 * alone. Secrets read `[hidden]` and are sent only with something else that changed, or `--force`.
 */
import type { Command } from 'commander'
import type { ConnectorInfo } from '../../api.ts'
import { isScamanderError } from '../../base/scamander-error.ts'
import type { ConfigInfos } from '../../config/index.ts'
import { type CommandContext, examples } from '../command-context.ts'
import { CLI_ERRORS } from '../errors.ts'
import { type ConnectClient, type ConnectOptions, clientOf } from './client-options.ts'
import { diffConfigs } from './config-diff.ts'
import { type ConnectorFile, readConnectorFiles } from './connector-files.ts'
import { connectorPath } from './rest-client.ts'

interface FileOptions extends ConnectOptions {
  readonly file: readonly string[]
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly exitCode?: boolean
}

export function addFileCommands(connect: Command, context: CommandContext): void {
  const add = (name: string, text: string, run: Run) =>
    connect
      .command(name)
      .description(text)
      .requiredOption('-f, --file <path...>', 'connector files, or folders of them')
      .action(async (_options, command: Command) => {
        const options = command.optsWithGlobals<FileOptions>()
        const files = readConnectorFiles(options.file)
        context.exitCode = await run({ client: clientOf(options, context), files, options })
      })
  add('create', 'Creates connectors; a name that is taken is an error.', create)
  add('apply', 'Creates connectors that are missing and changes those that differ.', apply)
    .option('--dry-run', 'tell what would be done, and do nothing')
    .option('--force', 'send every configuration, also when nothing seems to differ')
    .addHelpText('after', examples('scamander connect apply -f connectors/ --dry-run'))
  add('diff', 'Shows how files differ from what the worker has.', diff).option(
    '--exit-code',
    'end with 1 when something differs',
  )
  add('validate', 'Lets the worker check files; creates nothing.', validate)
}

interface Given {
  readonly client: ConnectClient
  readonly files: readonly ConnectorFile[]
  readonly options: FileOptions
}

type Run = (given: Given) => Promise<number>

async function create({ client, files }: Given): Promise<number> {
  const created: ConnectorInfo[] = []
  for (const file of files) {
    created.push(await post(client, file))
    client.say(`${file.name} created`)
  }
  if (client.isJson) client.json(created)
  return 0
}

async function post(client: ConnectClient, file: ConnectorFile): Promise<ConnectorInfo> {
  const { name, config, initialState } = file
  const state = initialState === undefined ? {} : { initial_state: initialState }
  return await client.rest.call('POST', '/connectors', { name, config, ...state })
}

interface Applied {
  readonly name: string
  readonly action: 'created' | 'changed' | 'unchanged'
  readonly changes: readonly string[]
}

async function apply({ client, files, options }: Given): Promise<number> {
  const done: Applied[] = []
  const isDry = options.dryRun === true
  for (const file of files) {
    const present = await fetchConfig(client, file.name)
    const one = plan(file, present, options.force === true)
    if (!isDry && one.action === 'created') await post(client, file)
    if (!isDry && one.action === 'changed') {
      await client.rest.call('PUT', connectorPath(file.name, '/config'), file.config)
    }
    done.push(one)
    const lines = one.changes.map(line => `\n  ${line}`).join('')
    client.say(`${file.name} ${isDry ? 'would be ' : ''}${one.action}${lines}`)
  }
  if (client.isJson) client.json(done)
  return 0
}

function plan(
  { name, config }: ConnectorFile,
  present: Readonly<Record<string, string>> | undefined,
  isForced: boolean,
): Applied {
  if (present === undefined) return { name, action: 'created', changes: [] }
  const { lines, hiddenKeys } = diffConfigs(present, config)
  if (lines.length > 0 || isForced) return { name, action: 'changed', changes: lines }
  const note = `secrets are not compared (${hiddenKeys.join(', ')}): --force sends them`
  return { name, action: 'unchanged', changes: hiddenKeys.length === 0 ? [] : [note] }
}

async function diff({ client, files, options }: Given): Promise<number> {
  const out = []
  for (const { name, config } of files) {
    const present = await fetchConfig(client, name)
    const { lines, hiddenKeys } = diffConfigs(present ?? {}, config)
    out.push({ name, exists: present !== undefined, changes: lines, hiddenKeys })
    if (present === undefined) client.say(`${name}: does not exist yet`)
    else if (lines.length === 0) client.say(`${name}: no difference`)
    else client.say(`${name}:\n${lines.map(line => `  ${line}`).join('\n')}`)
  }
  if (client.isJson) client.json(out)
  const differs = out.some(one => !one.exists || one.changes.length > 0)
  return differs && options.exitCode === true ? 1 : 0
}

async function validate({ client, files }: Given): Promise<number> {
  const all: ConfigInfos[] = []
  for (const { file, config } of files) {
    const plugin = config['connector.class']?.trim() || 'unknown'
    const path = `/connector-plugins/${encodeURIComponent(plugin)}/config/validate`
    const infos = await client.rest.call<ConfigInfos>('PUT', path, config)
    all.push(infos)
    for (const { value } of infos.configs) {
      for (const error of value?.errors ?? []) client.say(`${file}: ${value?.name}: ${error}`)
    }
    if (infos.error_count === 0) client.say(`${file}: no errors`)
  }
  if (client.isJson) client.json(all)
  return all.some(infos => infos.error_count > 0) ? 2 : 0
}

/** Undefined when there is no such connector. */
async function fetchConfig(
  { rest }: ConnectClient,
  name: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    return await rest.call('GET', connectorPath(name, '/config'))
  } catch (error) {
    if (isScamanderError(error) && error.code === CLI_ERRORS.REFUSED.code) return undefined
    throw error
  }
}
