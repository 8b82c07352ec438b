/**
 * The figures of a proxy out of its metrics, and the latency between two readings of its histogram.
 */
import { describe, expect, it } from 'vitest'
import { p99Ms, readingOf } from './proxy-reading.ts'

const TEXT = `# HELP scamander_proxy_writes_ok_total Writes
scamander_proxy_writes_ok_total{cluster="source",keyspace="a",table="t"} 5
scamander_proxy_writes_ok_total{cluster="source",keyspace="a",table="u\\"}"} 2
scamander_proxy_writes_ok_total{cluster="target",keyspace="a",table="t"} 4
scamander_proxy_failed_writes_total{failed_on="target"} 1
scamander_proxy_failed_writes_total{failed_on="both"} 2
scamander_proxy_requests_total{opcode="QUERY",class="read",routed="source"} 7
scamander_proxy_requests_total{opcode="QUERY",class="write",routed="both"} 9
scamander_proxy_client_connections 3
scamander_proxy_async_oldest_seconds 0.5
scamander_proxy_cluster_request_duration_seconds_bucket{cluster="target",le="0.1"} 90
scamander_proxy_cluster_request_duration_seconds_bucket{cluster="target",le="+Inf"} 90
`

describe('proxy reading', () => {
  it('adds up series by cluster', () => {
    expect(readingOf(TEXT)).toMatchObject({
      writes: { source: 7, target: 4 },
      failed: { source: 2, target: 3 },
      reads: { source: 7, target: 0, both: 0 },
      ...{ clients: 3, oldest: 0.5, different: 0 },
    })
    expect(readingOf('').writes).toEqual({ source: 0, target: 0 })
  })

  it('tells the latency between two readings, or that nothing was asked', () => {
    const { took } = readingOf(TEXT)
    expect(p99Ms(new Map(), took.target)).toBeCloseTo(99)
    expect(p99Ms(took.target, took.target)).toBeNull()
    expect(p99Ms(new Map(), took.source)).toBeNull()
    const slow = new Map([
      [0.1, 1],
      [Number.POSITIVE_INFINITY, 2],
    ])
    expect(p99Ms(new Map(), slow)).toBe(100)
  })
})
