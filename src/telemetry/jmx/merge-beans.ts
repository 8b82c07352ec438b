/**
 * Beans of several threads as one: tasks of a connector that run in different threads keep beans of
 * the same name, and users see one.
 * Called by the registry for `/jmx`.
 * Invariants: `Count` and rates are exact sums, `Min` and `Max` exact; means, deviations and
 * percentiles are averages weighted by the counts, which is near as long as the tasks are alike.
 */
import type { BeanAttributes } from './bean.ts'
import type { NamedBean } from './jmx-registry.ts'

/** In the order of their names. */
export function mergeBeans(lists: readonly (readonly NamedBean[])[]): NamedBean[] {
  const byName = new Map<string, BeanAttributes[]>()
  for (const { name, attributes } of lists.flat()) {
    const known = byName.get(name)
    if (known === undefined) byName.set(name, [attributes])
    else known.push(attributes)
  }
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, all]) => ({ name, attributes: mergeAttributes(all) }))
}

function mergeAttributes(all: readonly BeanAttributes[]): BeanAttributes {
  const [first = {}] = all
  if (all.length === 1) return first
  // One that counted nothing has no minimum and no mean.
  const counting = all.filter(one => (one['Count'] ?? 0) > 0)
  const names = Object.keys(first)
  return Object.fromEntries(names.map(name => [name, mergeOne(name, counting)]))
}

function mergeOne(name: string, all: readonly BeanAttributes[]): number {
  const values = all.map(one => one[name] ?? 0)
  if (values.length === 0) return 0
  if (name === 'Count' || name.endsWith('Rate'))
    return values.reduce((sum, value) => sum + value, 0)
  if (name === 'Min') return Math.min(...values)
  if (name === 'Max') return Math.max(...values)
  const counts = all.map(one => one['Count'] ?? 0)
  const total = counts.reduce((sum, count) => sum + count, 0)
  return values.reduce((sum, value, i) => sum + value * counts[i]!, 0) / total
}
