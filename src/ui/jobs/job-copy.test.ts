import { expect, it } from 'vitest'
import { type JobDocument, jobText, toYaml } from './job-copy.ts'

const document: JobDocument = {
  ...{ name: "it's: nightly", source: 'acme', labels: [], settings: {} },
  schedule: { on: true, interval: 'daily', time: '02:00' },
  tasks: [
    {
      table: 'Issues',
      columns: [
        { name: 'id', key: 'partition' },
        { name: 'null', key: 'none' },
      ],
    },
    { query: 'SELECT Id AS id\nFROM Projects -- "x": #y', mode: 'full', limit: null },
    [],
    [[1, 2], ['a']],
  ],
}

it('the YAML of a job is blocks of quoted texts', () => {
  expect(toYaml(document).split('\n')).toEqual([
    ...[`name: "it's: nightly"`, 'source: "acme"', 'labels: []', 'settings: {}', 'schedule:'],
    ...['  "on": true', '  interval: "daily"', '  time: "02:00"', 'tasks:'],
    ...['  - table: "Issues"', '    columns:', '      - name: "id"', '        key: "partition"'],
    ...['      - name: "null"', '        key: "none"'],
    '  - query: "SELECT Id AS id\\nFROM Projects -- \\"x\\": #y"',
    ...['    mode: "full"', '    limit: null', '  - []'],
    ...['  - - - 1', '      - 2', '    - - "a"', ''],
  ])
})

it('commands quote what a shell reads', () => {
  expect(jobText('curl', document, 'http://h')).toContain(`"it'\\''s: nightly"`)
  const command = jobText('command', document, 'http://h').split('\n')
  expect(command[0]).toBe(`cat > 'it_s__nightly.yaml' <<'YAML'`)
  expect(command.slice(-2)).toEqual([
    'YAML',
    `scamander job --url 'http://h' apply 'it_s__nightly.yaml'`,
  ])
})
