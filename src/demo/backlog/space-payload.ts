/**
 * Payloads of the stand-in that depend on ids only: projects, teams, repositories, usage.
 * Used by its routes.
 * Spec: backlog-replication 1.9.
 */
import { briefUser, type JsonObject } from './payload.ts'
import type { Space } from './space.ts'

export const USAGE = {
  capacity: 107_374_182_400,
  issue: 512_000,
  wiki: 20_480,
  file: 1_048_576,
  subversion: 0,
  git: 7_340_032,
  gitLFS: 0,
  pullRequest: 1024,
}

export function stamps(created = '2026-01-05T00:00:00Z', updated = created) {
  return { createdUser: briefUser(40_001), created, updatedUser: null, updated }
}

export function projectOf(space: Space, index: number): JsonObject {
  const { id, key, name } = space.projects[index]!
  return {
    id,
    projectKey: key,
    name,
    chartEnabled: true,
    useResolvedForChart: false,
    subtaskingEnabled: true,
    projectLeaderCanEditProjectLeader: false,
    useWiki: true,
    useFileSharing: true,
    useWikiTreeView: true,
    useOriginalImageSizeAtWiki: false,
    useSubversion: false,
    useGit: true,
    textFormattingRule: 'markdown',
    archived: index > 0 && index === space.projects.length - 1,
    displayOrder: 2_147_483_646,
    useDevAttributes: true,
  }
}

export function repository(id: number): JsonObject {
  return {
    id: id * 10 + 5,
    projectId: id,
    name: 'infra',
    description: null,
    hookUrl: null,
    httpUrl: 'https://acme.backlog.com/git/OPS/infra.git',
    sshUrl: 'acme@acme.git.backlog.com:/OPS/infra.git',
    displayOrder: 0,
    pushedAt: '2026-10-01T00:00:00Z',
    ...stamps(),
  }
}

export function teamOf(id: number): JsonObject {
  return {
    id,
    name: 'Platform',
    members: [briefUser(40_001), briefUser(40_002)],
    displayOrder: null,
    ...stamps(),
  }
}
