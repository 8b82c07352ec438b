/**
 * A vitest reporter that writes the totals of a run, with the reason of every skipped test, to the
 * file named in SCAMANDER_TEST_RESULT. Loaded by vitest; read by run-tests.mjs.
 * Invariant: a test or file that neither passed nor was skipped counts as failed.
 */
import { writeFileSync } from 'node:fs'

export default class ResultReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const result = { passed: 0, failed: unhandledErrors.length, failures: [], skipped: [] }
    for (const error of unhandledErrors) result.failures.push(`unhandled: ${error.message}`)
    for (const module of modules) addModule(result, module)
    writeFileSync(process.env.SCAMANDER_TEST_RESULT, JSON.stringify(result))
  }
}

function addModule(result, module) {
  let failed = 0
  for (const test of module.children.allTests()) {
    const { state, note } = test.result()
    const name = `${module.relativeModuleId} > ${test.fullName}`
    if (state === 'passed') result.passed += 1
    else if (state === 'skipped') result.skipped.push({ name, reason: note ?? 'no reason given' })
    else {
      failed += 1
      result.failures.push(name)
    }
  }
  const isBroken = module.state() === 'failed' || module.state() === 'pending'
  if (failed === 0 && isBroken) {
    failed = 1
    result.failures.push(`${module.relativeModuleId} (did not load or did not finish)`)
  }
  result.failed += failed
}
