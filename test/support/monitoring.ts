/**
 * The queries of examples/monitoring: of the dashboard's panels and variables, and of the alert
 * rules, with Grafana's variables filled in; and the names and labels that a query uses.
 * Used by the tests that hold them against what is declared, exposed, and understood by Prometheus.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export const MONITORING = fileURLToPath(new URL('../../examples/monitoring/', import.meta.url))

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string }[]
  }[]
}

export interface Query {
  /** The panel or the alert. */
  readonly of: string
  readonly expr: string
}

export function dashboardQueries(): Query[] {
  const text = readFileSync(`${MONITORING}scamander-dashboard.json`, 'utf8')
  const { panels } = JSON.parse(text) as { panels: readonly Panel[] }
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      of: title,
      expr: expr.replaceAll('$connector', '.*').replaceAll('$__rate_interval', '1m'),
    })),
  )
}

export function alertQueries(): Query[] {
  const { groups } = parse(readFileSync(`${MONITORING}alerts.yaml`, 'utf8')) as Rules
  return groups.flatMap(group => group.rules.map(({ alert, expr }) => ({ of: alert, expr })))
}

/** Names of metrics, and the labels asked of any of them. */
export function usedBy(expr: string): { metrics: string[]; labels: string[] } {
  const metrics = new Set(expr.match(/\b(?:kafka|scamander)_\w+/g) ?? [])
  const selectors = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(one =>
    [...one[1]!.matchAll(/(\w+)\s*[=!]/g)].map(label => label[1]!),
  )
  const groups = [...expr.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(one =>
    one[1]!.split(',').map(label => label.trim()),
  )
  return { metrics: [...metrics], labels: [...new Set([...selectors, ...groups])] }
}

/** A histogram's series carry an ending of their own. */
export function baseName(metric: string): string {
  return metric.replace(/_(?:bucket|sum|count)$/, '')
}
