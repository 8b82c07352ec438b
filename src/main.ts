/**
 * The program: runs the command line and ends with its exit code.
 * Started by `./scamander`, which chooses the Node to run with.
 * Invariant: output is written before the process ends, and the process does end: a library that
 * still waits for a server (the driver while it reconnects) keeps it at most a second longer.
 */
import { guardProcess, runCli } from './cli/index.ts'

const LINGER_MS = 1_000
const args = process.argv.slice(2)
guardProcess(args.includes('--debug'))
process.exitCode = await runCli(args, {
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
})

// Not reached when nothing else keeps the process: the timer alone does not.
setTimeout(() => process.exit(), LINGER_MS).unref()
