/**
 * A vitest reporter that writes the totals of a run, with the reason of every skipped test and what
 * each broken file had, to the file named in SCAMANDER_TEST_RESULT. Loaded by vitest; read by
 * run-tests.mjs.
 * Invariant: a test or file that neither passed nor was skipped counts as failed.
 */
import { writeFileSync } from 'node:fs'

export default class ResultReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const result = {
      passed: 0,
      failed: unhandledErrors.length,
      failures: [],
      skipped: [],
      broken: [],
    }
    for (const error of unhandledErrors) result.failures.push(`unhandled: ${error.message}`)
    for (const module of modules) {
      const part = partOf(module)
      result.passed += part.passed
      result.failed += part.failed
      result.failures.push(...part.failures)
      result.skipped.push(...part.skipped)
      if (part.failed > 0) result.broken.push({ file: module.relativeModuleId, ...part })
    }
    writeFileSync(process.env.SCAMANDER_TEST_RESULT, JSON.stringify(result))
  }
}

function partOf(module) {
  const part = { passed: 0, failed: 0, failures: [], skipped: [] }
  for (const test of module.children.allTests()) {
    const { state, note } = test.result()
    const name = `${module.relativeModuleId} > ${test.fullName}`
    if (state === 'passed') part.passed += 1
    else if (state === 'skipped') part.skipped.push({ name, reason: note ?? 'no reason given' })
    else part.failures.push(name)
  }
  const isBroken = module.state() === 'failed' || module.state() === 'pending'
  if (part.failures.length === 0 && isBroken) {
    part.failures.push(`${module.relativeModuleId} (did not load or did not finish)`)
  }
  part.failed = part.failures.length
  return part
}
