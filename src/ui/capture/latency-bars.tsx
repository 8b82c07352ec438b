/**
 * How long changes took from their write to their record, in the last minute, as bars; the same as a
 * table for those who do not see them.
 * Used by the overview of Capture. Spec: ui 3 (Charts), 5.5.
 */
import type { CaptureLatencyBucket } from '../../api-v1-capture.ts'
import { toCount, toCounted } from '../parts/format.ts'
import { latencyText } from './capture-model.ts'

export function LatencyBars({ buckets }: { readonly buckets: readonly CaptureLatencyBucket[] }) {
  const most = Math.max(1, ...buckets.map(one => one.count))
  const total = buckets.reduce((sum, one) => sum + one.count, 0)
  return (
    <section className="sc-card sc-card-body" data-testid="chart" data-key="capture-latency">
      <h2 className="sc-card-title">
        Latency, INSERT → record <span className="sc-quiet sc-chart-unit">last minute</span>
      </h2>
      {total === 0 ? (
        <p className="sc-lead">No change was delivered in the last minute.</p>
      ) : (
        <table className="sc-latency">
          <caption className="sc-hidden">{toCounted(total, 'change')} by latency</caption>
          <thead className="sc-hidden">
            <tr>
              <th>Up to</th>
              <th>Changes</th>
            </tr>
          </thead>
          <tbody>
            {buckets.map((one, i) => (
              <tr key={one.upToSeconds ?? 'more'}>
                <th scope="row">
                  {one.upToSeconds === null
                    ? `over ${latencyText(buckets[i - 1]?.upToSeconds)}`
                    : latencyText(one.upToSeconds)}
                </th>
                <td>
                  <span
                    className="sc-latency-bar"
                    style={{ width: `${(one.count / most) * 100}%` }}
                    aria-hidden
                  />
                  <span className={one.count === 0 ? 'sc-quiet' : undefined}>
                    {toCount(one.count)}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
