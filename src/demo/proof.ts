/**
 * The end of `demo --once`: waits until everything that was sent is consumed and committed, compares
 * every table with the data sets, prints the proof. Called by `runDemo` after the start.
 * Invariant: the answer is true only when every row of every table was compared and equal, and no
 * row is too many.
 */
import { systemClock } from '../base/clock.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import type { DemoRun } from './demo-run.ts'
import { fetchRemaining } from './demo-topics.ts'
import { DEMO_ERRORS } from './errors.ts'
import type { Screen } from './screen.ts'
import { group, toTable } from './status-view.ts'
import { EXAMPLES_MAX, proveTable, type TableProof } from './table-proof.ts'

const POLL_MS = 200
/** Captured for the proof, with those of the start. */
const CHANGES = 180
/** Of the Backlog space, for a second run of its job. */
const SPACE_CHANGES = 60
const STALL_MS = 120_000
const HEAD = ['table', 'records sent', 'rows expected', 'rows', 'fields compared', 'mismatches']

/** True when everything is where it belongs. */
export async function prove(run: DemoRun, screen: Screen, signal: AbortSignal): Promise<boolean> {
  await run.fed()
  const sent = run.flows.reduce((sum, { feeder }) => sum + feeder.sent, 0)
  screen.step(`all ${group(sent)} records sent`)
  await awaitConsumed(run, signal)
  screen.step('all records consumed and committed; comparing every field of every row')
  const proofs: TableProof[] = []
  for (const { flow, feeder } of run.flows) {
    for (const table of flow.tables) {
      const check = { table, rounds: flow.roundsOnce, sent: feeder.sent }
      proofs.push(await proveTable(run.session, flow, check))
    }
  }
  for (const line of renderProof(proofs)) screen.line(line)
  for (let i = 0; i < CHANGES; i++) await run.capture.change()
  const rows = await run.capture.awaitEqual()
  screen.line(
    `CAPTURED: ${run.capture.changes} changes of market.watchlist by CQL; market.watchers_by_symbol has its ${rows} rows.`,
  )
  for (let i = 0; i < SPACE_CHANGES; i++) run.backlog.change()
  const second = await run.backlog.run()
  const { issues, comments, fields } = await run.backlog.prove()
  screen.line(
    `REPLICATED: ${issues} issues and ${comments} comments, ${group(fields)} fields, all equal to the Backlog space; ${SPACE_CHANGES} changes of it moved ${second.rows} rows.`,
  )
  return proofs.every(proof => proof.mismatches === 0)
}

/** Pure: the lines of the proof. */
export function renderProof(proofs: readonly TableProof[]): string[] {
  const rows = proofs.map(proof => {
    const { sent, expected, rows: found, fields, mismatches } = proof
    return [proof.table, ...[sent, expected, found, fields, mismatches].map(group)]
  })
  const examples = proofs.flatMap(proof => proof.examples).slice(0, EXAMPLES_MAX)
  const total = proofs.reduce((sum, proof) => sum + proof.mismatches, 0)
  const found = proofs.reduce((sum, proof) => sum + proof.rows, 0)
  const fields = proofs.reduce((sum, proof) => sum + proof.fields, 0)
  const verdict =
    total === 0
      ? `PROVED: ${group(found)} rows, ${group(fields)} fields, all equal to the data sets; no row missing, none too many.`
      : `NOT PROVED: ${group(total)} mismatches; the first of them:`
  return ['', ...toTable([HEAD, ...rows], 1), '', verdict, ...examples.map(line => `  ${line}`)]
}

/** Offsets are committed only after rows are written, so this is the end of the work. */
async function awaitConsumed(run: DemoRun, signal: AbortSignal): Promise<void> {
  let last = Number.POSITIVE_INFINITY
  let changedMs = performance.now()
  while (!signal.aborted) {
    run.assertHealthy()
    const each = await Promise.all(run.flows.map(({ flow }) => fetchRemaining(run.admin, flow)))
    const remaining = each.reduce((sum, one) => sum + one, 0)
    if (remaining === 0) return
    if (remaining !== last) changedMs = performance.now()
    last = remaining
    if (performance.now() - changedMs > STALL_MS) {
      const message = `${remaining} records were not consumed: no progress for ${STALL_MS / 1000} s`
      throw new ScamanderError(DEMO_ERRORS.STALLED, message)
    }
    await systemClock.sleep(POLL_MS, signal)
  }
  throw new ScamanderError(DEMO_ERRORS.CANCELLED, 'the demo was interrupted')
}
