/**
 * A process of its own that runs one replication job to its end; killed by the fault tests.
 * Arguments: data folder, id of the job, tables that it may drop. Prints the state of the run.
 */
import { Replicator } from '../../src/replicate/index.ts'
import { Logger } from '../../src/telemetry/index.ts'

const [folder = '', job = '', ...drop] = process.argv.slice(2)
const replicator = new Replicator(folder, Logger.silent())
const run = await replicator.waitFor(replicator.startRun(job, { drop }, 'api').id)
process.stdout.write(run.state)
await replicator.close()
