/** Usage of the migration commands: help, and mistakes that are told before anything is connected. */
import { describe, expect, it } from 'vitest'
import { runCli } from './run.ts'

async function run(
  ...args: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const code = await runCli(args, {
    out: text => {
      out += text
    },
    err: text => {
      err += text
    },
  })
  return { code, out, err }
}

const CLUSTERS = ['--source', '127.0.0.1', '--target', '[::1]:9043', '--keyspace', 'ks']

describe('migrate and validate', () => {
  it.each(['migrate', 'validate'])('%s shows its help', async command => {
    const { code, out } = await run(command, '--help')
    expect(code).toBe(0)
    expect(out).toContain('--token-min <n>')
    expect(out.replaceAll(/\s+/g, ' ')).toContain('(default: LOCAL_QUORUM)')
  })

  it.each<[string, string[], RegExp]>([
    ['migrate', ['--source', '127.0.0.1'], /--target/],
    ['migrate', [...CLUSTERS, '--nope'], /unknown option/],
    ['migrate', [...CLUSTERS, '--writetime', 'sometime'], /preserve, backdate or none/],
    ['migrate', [...CLUSTERS, '--writetime', 'backdate=yesterday'], /microseconds/i],
    ['migrate', [...CLUSTERS, '--token-min', '5', '--token-max', '4'], /--token-min is larger/],
    ['migrate', [...CLUSTERS, '--max-errors', 'many'], /whole number/],
    ['migrate', [...CLUSTERS, '--constant', "a='b'"], /exactly one --table/],
    ['migrate', [...CLUSTERS, '--rename', 'a'], /a:b/],
    ['migrate', [...CLUSTERS, '--read-cl', 'MOST'], /LOCAL_QUORUM/],
    ['migrate', ['--source', 'a:b:c', '--target', 'x', '--keyspace', 'ks'], /host:port/],
    ['migrate', [...CLUSTERS, '--source-username', 'u'], /--source-password/],
    ['migrate', [...CLUSTERS, '--source-cert', '/nowhere'], /--source-cert and --source-key/],
    ['migrate', [...CLUSTERS, '--report', '/dev/null/rows'], /expected to write to .dev.null/],
    ['validate', [...CLUSTERS, '--html', '/'], /expected to write to \/: it is a folder/],
    ['validate', [...CLUSTERS, '--repair', 'all'], /missing,mismatch/],
    ['validate', [...CLUSTERS, '--repair-timestamp', 'then'], /source, now or fixed/],
    ['validate', [...CLUSTERS, '--float-tolerance', '-1'], /from 0 on/],
  ])('%s %j ends with exit code 3', async (command, args, text) => {
    const { code, err } = await run(command, ...args)
    expect([code, err]).toEqual([3, expect.stringMatching(text)])
  })
})
