/**
 * `scamander completion bash|zsh|fish`: a script that completes commands, options and files.
 * Written from the declared commands, so it is never out of date.
 * Called once by users, in the start file of their shell.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${name} is the syntax of the shell
import { Argument, type Command } from 'commander'
import { type CommandContext, examples } from './command-context.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

export function addCompletionCommand(program: Command, context: CommandContext): void {
  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Prints a script that completes commands, options and file names.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        'source <(scamander completion bash)',
        'scamander completion zsh > "${fpath[1]}/_scamander"',
        'scamander completion fish > ~/.config/fish/completions/scamander.fish',
      ),
    )
    .action((shell: Shell) => context.out(completionScript(shell, program)))
}

/** What may follow a path of commands. */
interface Words {
  readonly path: string
  readonly words: readonly string[]
}

export function completionScript(shell: Shell, program: Command): string {
  const all = wordsOf(program, '')
  if (shell === 'fish') return fishScript(all)
  const cases = all.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`)
  const body = [
    '_scamander() {',
    '  local path="" word words="" index',
    '  for ((index = 1; index < COMP_CWORD; index++)); do',
    '    word=${COMP_WORDS[index]}',
    '    [[ $word == -* ]] && continue',
    '    case "$path $word" in',
    ...all
      .filter(({ path }) => path !== '')
      .map(({ path }) => `      ' ${path}'|'${path}') path="\${path:+$path }$word" ;;`),
    '    esac',
    '  done',
    '  case "$path" in',
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}") $(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o filenames -F _scamander scamander',
  ]
  const head = shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : []
  return `${[...head, ...body].join('\n')}\n`
}

function fishScript(all: readonly Words[]): string {
  const lines = all.flatMap(({ path, words }) => {
    const condition =
      path === ''
        ? '__fish_use_subcommand'
        : `__fish_seen_subcommand_from ${path.split(' ').at(-1)}`
    return words.map(word =>
      word.startsWith('--')
        ? `complete -c scamander -n '${condition}' -l '${word.slice(2)}'`
        : `complete -c scamander -n '${condition}' -a '${word}'`,
    )
  })
  return `${lines.join('\n')}\n`
}

function wordsOf(command: Command, path: string): Words[] {
  const below = command.commands
  const common = path === '' ? [] : rootOf(command).options.map(one => one.long ?? '')
  const options = [...command.options.map(one => one.long ?? ''), ...common, '--help']
  const words = [...below.map(one => one.name()), ...new Set(options.filter(one => one !== ''))]
  return [
    { path, words },
    ...below.flatMap(one => wordsOf(one, path === '' ? one.name() : `${path} ${one.name()}`)),
  ]
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent)
}
