/**
 * Drivers of other languages through the proxy, 10,000 statements each: both clusters equal cell by
 * cell afterwards. They run as programs of their own (test/peer); where a toolchain is missing the
 * test is skipped and says why. SCAMANDER_PYTHON names a Python that has `cassandra-driver` and `lz4`.
 */
import { execFile, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ProxyPair, proxyPair, tableDifferences, testProxy } from '../support/proxy.ts'

const PEER = fileURLToPath(new URL('../peer/', import.meta.url))
const COUNT = 10_000
const FETCH_MS = 90_000
const COLUMNS = '(p int, c int, v text, t timeuuid, PRIMARY KEY (p, c))'
const runFile = promisify(execFile)

let pair: ProxyPair
let folder: string

beforeAll(async () => {
  pair = await proxyPair()
  folder = mkdtempSync(join(tmpdir(), 'scamander-drivers-'))
})

afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const python = process.env['SCAMANDER_PYTHON'] ?? 'python3'
const hasPython = spawnSync(python, ['-c', 'import cassandra, lz4']).status === 0

it.for([
  [4, 'lz4'],
  [5, 'none'],
  [5, 'lz4'],
] as const)('Python driver, version %s, compression %s', async ([version, compression], ctx) => {
  if (!hasPython) ctx.skip('needs a Python with cassandra-driver and lz4: SCAMANDER_PYTHON')
  const table = `python_${version}_${compression}`
  await pair.both(`CREATE TABLE ${pair.keyspace}.${table} ${COLUMNS}`)
  await using proxy = await testProxy(pair, '--uuid', 'true')
  const args = [proxy.port, version, compression, pair.keyspace, COUNT].map(String)
  const { stdout } = await runFile(python, [join(PEER, 'proxy_driver.py'), ...args])
  expect(stdout.trim()).toBe(String(COUNT - 20 + 1))
  expect(await tableDifferences(pair, table)).toEqual([])
})

it.for([4, 5])('gocql, version %s', async (version, ctx) => {
  if (spawnSync('go', ['version']).status !== 0) ctx.skip('needs Go')
  const program = join(folder, 'gocql-driver')
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd: join(PEER, 'gocql') })
  if (built.status !== 0) ctx.skip('needs the module of gocql, which cannot be had')
  const table = `go_${version}`
  await pair.both(`CREATE TABLE ${pair.keyspace}.${table} ${COLUMNS}`)
  await using proxy = await testProxy(pair, '--uuid', 'true')
  const args = [proxy.port, version, pair.keyspace, COUNT].map(String)
  const { stdout } = await runFile(program, args)
  expect(stdout.trim()).toBe(String(COUNT - 20))
  expect(await tableDifferences(pair, table)).toEqual([])
})

/** The class path of the compiled program; undefined when it cannot be made here. */
let javaProgram: Promise<string | undefined> | undefined

async function compileJava(): Promise<string | undefined> {
  const [pom, lib, out] = ['pom.xml', 'lib', 'classes'].map(name => join(folder, name))
  cpSync(join(PEER, 'java-driver/pom.xml'), pom!)
  const goal = ['-q', '-B', '-f', pom!, 'dependency:copy-dependencies', `-DoutputDirectory=${lib}`]
  try {
    await runFile('mvn', goal, { timeout: FETCH_MS })
    const source = join(PEER, 'java-driver/ProxyDriver.java')
    await runFile('javac', ['-cp', `${lib}/*`, '-d', out!, source])
  } catch (error) {
    process.stderr.write(`the Java driver cannot be had: ${String(error).slice(0, 300)}\n`)
    return undefined
  }
  return `${out}:${lib}/*`
}

it.for([
  [3, 'none'],
  [4, 'lz4'],
  [5, 'lz4'],
] as const)('Java driver, version %s, compression %s', async ([version, compression], ctx) => {
  javaProgram ??= compileJava()
  const program = await javaProgram
  if (program === undefined) return ctx.skip('needs javac, mvn and the repository of Maven')
  const table = `java_${version}`
  await pair.both(`CREATE TABLE ${pair.keyspace}.${table} ${COLUMNS}`)
  await using proxy = await testProxy(pair, '--uuid', 'true')
  const args = [proxy.port, version, compression, pair.keyspace, table, COUNT].map(String)
  const { stdout } = await runFile('java', ['-Xmx256m', '-cp', program, 'ProxyDriver', ...args])
  expect(stdout.trim()).toBe(String(COUNT - 20 + 1))
  expect(await tableDifferences(pair, table)).toEqual([])
})
