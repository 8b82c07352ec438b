/**
 * The program: runs the command line and ends with its exit code.
 * Started by `./scamander`, which chooses the Node to run with.
 * Invariant: output is written before the process ends.
 */
import { guardProcess, runCli } from './cli/index.ts'

const args = process.argv.slice(2)
guardProcess(args.includes('--debug'))
process.exitCode = await runCli(args, {
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
})
