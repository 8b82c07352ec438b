/**
 * The calls on who is captured from: the cluster with its nodes, and the agents that read their logs.
 * Part of the routes of capture; what agents in other processes tell is in capture-agent-routes.ts.
 * Invariant: a node without an agent is shown like the others, with none.
 * Spec: cdc-replication 1.4 (node record), 2.7.
 */
import type { CaptureAgent, CaptureAgents, CaptureCluster } from '../api.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { type AgentStatus, type Capture, CDC_ERRORS, readLagMs } from '../source/index.ts'
import { json, type Route } from './route.ts'

export function captureClusterRoutes(capture: Capture, base: string): Route[] {
  return [
    {
      method: 'GET',
      path: `${base}/clusters`,
      summary: 'The cluster that is captured from: its nodes, and who reads their logs',
      handle: async () => json(200, [await clusterOf(capture)]),
    },
    {
      method: 'GET',
      path: `${base}/agents`,
      summary: 'Nodes that are captured from',
      handle: () => json(200, shownAgents(capture)),
    },
    {
      method: 'GET',
      path: `${base}/agents/:hostId`,
      summary: 'A node that is captured from',
      handle: ({ params }) => json(200, agentOf(capture, params['hostId'] ?? '')),
    },
    {
      method: 'POST',
      path: `${base}/agents`,
      summary: 'Starts agents for the nodes on this machine that have none; the agents then',
      handle: async () => {
        await capture.startAgents()
        return json(201, shownAgents(capture))
      },
    },
  ]
}

export function shownAgents(capture: Capture): CaptureAgents {
  const agents = capture.agents.map(status => shownAgent(capture, status))
  return { agents, error: capture.error ?? null }
}

function shownAgent(capture: Capture, status: AgentStatus): CaptureAgent {
  const node = capture.nodes.find(one => one.hostId === status.hostId)
  return {
    ...status,
    cluster: node?.cluster ?? '',
    cassandra: answerOf(capture, status.hostId),
    lagMs: readLagMs(status) ?? null,
  }
}

function answerOf(capture: Capture, hostId: string): CaptureAgent['cassandra'] {
  const isUp = capture.health.isUp(hostId)
  return isUp === undefined ? 'unknown' : isUp ? 'up' : 'down'
}

/** Also where its log is, and how. */
function agentOf(capture: Capture, hostId: string): object {
  const status = capture.agents.find(one => one.hostId === hostId)
  const node = capture.nodes.find(one => one.hostId === hostId)
  if (status !== undefined && node !== undefined) return { ...node, ...shownAgent(capture, status) }
  const message = `expected the host id of a node with an agent, found none of "${hostId}"`
  throw new ScamanderError(CDC_ERRORS.AGENT_UNKNOWN, message)
}

async function clusterOf(capture: Capture): Promise<CaptureCluster> {
  const { name, dataCenter, nodes } = await capture.cluster.facts()
  return {
    name,
    dataCenterId: dataCenter,
    nodes: nodes.map(({ hostId, dataCenter: dataCenterId, point }) => ({
      ...{ hostId, dataCenterId, address: point.host, port: point.port },
      cassandra: answerOf(capture, hostId),
      agent: capture.agents.find(one => one.hostId === hostId)?.state ?? null,
    })),
  }
}
