import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import {
  markGenerated,
  renderCommands,
  renderErrors,
  renderMetrics,
  renderRoutes,
} from './pages.ts'

describe('renderErrors', () => {
  it('groups codes by room and keeps bars inside cells', () => {
    const page = renderErrors([
      { code: 'SCM_CQL_BAD_FRAME', kind: 'fatal', summary: 'A frame is bad.', advice: 'Tell a|b.' },
      { code: 'SCM_BASE_CUT', kind: 'data', summary: 'Bytes end early.', advice: 'Send all.' },
    ])
    expect(page.startsWith("<!-- generated from each room's `errors.ts`")).toBe(true)
    expect(page.indexOf('## base')).toBeLessThan(page.indexOf('## cql'))
    expect(page).toContain('| `SCM_CQL_BAD_FRAME` | fatal | A frame is bad. | Tell a\\|b. |\n')
  })
})

describe('renderMetrics', () => {
  it('lists name, kind, labels and help', () => {
    const page = renderMetrics([
      {
        name: 'scamander_sink_records_total',
        kind: 'counter',
        help: 'Rows.',
        labels: ['connector', 'topic'],
      },
    ])
    expect(page).toContain('## sink\n')
    expect(page).toContain(
      '| `scamander_sink_records_total` | counter | connector, topic | Rows. |\n',
    )
  })
})

describe('renderRoutes', () => {
  it('lists calls, and what parameters and bodies they take', () => {
    const handle = () => ({ status: 200 })
    const page = renderRoutes([
      { method: 'GET', path: '/a/:name', summary: 'Reads.', query: { x: 'what' }, handle },
      { method: 'PUT', path: '/a', summary: 'Writes.', body: '`{}`', handle },
      { method: 'POST', path: '/b', summary: 'Calls.', handle },
    ])
    expect(page).toContain('| `GET /a/{name}` | Reads. |\n')
    expect(page).toContain('## GET /a/{name}\n\n| parameter | meaning |')
    expect(page).toContain('## PUT /a\n\nBody: `{}`.')
    expect(page).not.toContain('## POST /b')
  })
})

describe('renderCommands', () => {
  it('shows nested commands with arguments and options', () => {
    const program = new Command('scamander').description('Moves data.')
    const sandbox = program.command('sandbox').description('Real servers.')
    sandbox
      .command('up')
      .description('Starts them.')
      .argument('[dir]', 'where')
      .option('--nodes <n>', 'how many', '1')
    const page = renderCommands(program)
    expect(page).toContain('## scamander sandbox up\n\nStarts them.\n')
    expect(page).toContain('| `dir` | where |')
    expect(page).toContain('| `--nodes <n>` | how many (default: "1") |')
    expect(page).not.toContain('## scamander help')
  })
})

describe('markGenerated', () => {
  it('puts the mark first and ends with one line end', () => {
    expect(markGenerated('\n# A\n\n\n', '`src/a.ts`')).toBe(
      '<!-- generated from `src/a.ts` by `npm run docs`; do not edit -->\n\n# A\n',
    )
  })
})
