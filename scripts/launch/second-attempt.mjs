/**
 * Which broken test files are run a second time, and what the two attempts come to. Called by
 * run-tests.mjs after the tests on real servers.
 * Invariants: what failed at first is told in any case; fault tests have one attempt, because a row
 * that is lost now and then is lost; more than three broken files are no chance.
 * Plain JavaScript without dependencies: it runs on any Node >= 18.
 */
const FILES_MAX = 3
const REPEATABLE = ['test/integration/', 'test/ui/']

/**
 * Files to run again; empty: none.
 * @param {import('./steps.mjs').Totals} first @returns {string[]}
 */
export function filesToRepeat(first) {
  const broken = first.broken ?? []
  const told = broken.reduce((sum, one) => sum + one.failed, 0)
  // A failure that belongs to no file would not be repeated.
  if (told !== first.failed || broken.length > FILES_MAX) return []
  const files = broken.map(one => one.file)
  return files.every(file => REPEATABLE.some(folder => file.startsWith(folder))) ? files : []
}

/**
 * The first attempt without the repeated files, and the second one; `unsteady` names what passed
 * only then.
 * @param {import('./steps.mjs').Totals} first @param {import('./steps.mjs').Totals} second
 * @returns {{ totals: import('./steps.mjs').Totals, unsteady: string[] }}
 */
export function bothAttempts(first, second) {
  const names = new Set(first.broken.flatMap(one => one.skipped.map(({ name }) => name)))
  const passed = first.broken.reduce((sum, one) => sum + one.passed, 0)
  const unseen = first.failures.filter(name => second.skipped.some(one => one.name === name))
  const totals = {
    passed: first.passed - passed + second.passed,
    failed: second.failed + unseen.length,
    failures: [...second.failures, ...unseen],
    skipped: [...first.skipped.filter(({ name }) => !names.has(name)), ...second.skipped],
  }
  return { totals, unsteady: first.failures.filter(name => !totals.failures.includes(name)) }
}
