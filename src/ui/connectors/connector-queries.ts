/**
 * What the screens read and do on connectors, over the Connect REST API.
 * Invariants: the list is live, details are read again every two seconds while they are on screen; every act
 * waits for the server and then reads again, so the page never shows a wish as a fact.
 * Spec: ui 5.4, 6; connect-rest 2 to 5.
 */
import {
  queryOptions,
  type UseMutationResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import type {
  ConfigInfos,
  ConnectorInfo,
  ConnectorStateInfo,
  ExpandedConnector,
  PluginInfo,
  TopicsInfo,
} from '../../api.ts'
import { call, part } from '../api-client.ts'
import { SERVES_CONNECT } from '../parts/served.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'

export type Config = Readonly<Record<string, string>>

const LIVE_MS = 2000
const ALL = ['connectors'] as const

export const connectorsQuery = queryOptions({
  queryKey: ALL,
  queryFn: () =>
    call<Record<string, ExpandedConnector>>('GET', '/connectors?expand=status&expand=info'),
  meta: { live: 'connectors' },
  enabled: SERVES_CONNECT,
})

export const pluginsQuery = queryOptions({
  queryKey: ['plugins'],
  queryFn: () => call<PluginInfo[]>('GET', '/connector-plugins'),
  staleTime: 60_000,
})

export function useConnectorStatus(name: string) {
  return useQuery({
    queryKey: [...ALL, name, 'status'],
    queryFn: () => call<ConnectorStateInfo>('GET', `/connectors/${part(name)}/status`),
    refetchInterval: LIVE_MS,
  })
}

export function useConnectorConfig(name: string) {
  return useQuery({
    queryKey: [...ALL, name, 'config'],
    queryFn: () => call<Config>('GET', `/connectors/${part(name)}/config`),
  })
}

export function useConnectorTopics(name: string) {
  return useQuery({
    queryKey: [...ALL, name, 'topics'],
    queryFn: async () => {
      const answer = await call<TopicsInfo>('GET', `/connectors/${part(name)}/topics`)
      return answer[name]?.topics ?? []
    },
    refetchInterval: LIVE_MS,
  })
}

export async function validate(config: Config): Promise<ConfigInfos> {
  const plugin = config['connector.class'] ?? ''
  return await call('PUT', `/connector-plugins/${part(plugin)}/config/validate`, config)
}

export async function launch(
  name: string,
  config: Config,
  state: LaunchState,
): Promise<ConnectorInfo> {
  return await call('POST', '/connectors', { name, config, initial_state: state })
}

export type LaunchState = 'RUNNING' | 'PAUSED' | 'STOPPED'

export type Act =
  | 'pause'
  | 'resume'
  | 'stop'
  | 'restart-connector'
  | 'restart-all'
  | 'restart-failed'
  | 'delete'

const ACTS: Readonly<Record<Act, readonly ['PUT' | 'POST' | 'DELETE', string, string]>> = {
  pause: ['PUT', '/pause', 'is pausing'],
  resume: ['PUT', '/resume', 'goes on'],
  stop: ['PUT', '/stop', 'is stopping; its offsets stay'],
  'restart-connector': ['POST', '/restart', 'is restarting'],
  'restart-all': ['POST', '/restart?includeTasks=true', 'is restarting with its tasks'],
  'restart-failed': [
    'POST',
    '/restart?includeTasks=true&onlyFailed=true',
    'restarts what has failed',
  ],
  delete: ['DELETE', '', 'was deleted'],
}

/** Acts on one or several; each is told, one that fails does not stop the others. */
export function useAct(): UseMutationResult<void, Error, { act: Act; names: readonly string[] }> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async ({ act, names }) => {
      const [method, path, done] = ACTS[act]
      for (const name of names) {
        try {
          await call(method, `/connectors/${part(name)}${path}`)
          toastDone(`${name} ${done}.`)
        } catch (error) {
          toastProblem(`${name}: ${act} did not work`, error as Error)
        }
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: ALL }),
  })
}

export function useRestartTask(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (task: number) => call('POST', `/connectors/${part(name)}/tasks/${task}/restart`),
    onSuccess: (_answer, task) => toastDone(`Task ${task} of ${name} is restarting.`),
    onError: (error, task) => toastProblem(`Task ${task} was not restarted`, error),
    onSettled: () => client.invalidateQueries({ queryKey: ALL }),
  })
}

export function useResetTopics(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call('PUT', `/connectors/${part(name)}/topics/reset`),
    onSuccess: () => toastDone('The list of topics was reset.'),
    onError: error => toastProblem('The list was not reset', error),
    onSettled: () => client.invalidateQueries({ queryKey: ALL }),
  })
}

/** Sends only what differs, so that a hidden secret is never written back. */
export function useSaveConfig(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (changes: Readonly<Record<string, string | null>>) =>
      call<ConnectorInfo>('PATCH', `/connectors/${part(name)}/config`, changes),
    onSuccess: () => toastDone(`The configuration of ${name} was saved.`),
    onSettled: () => client.invalidateQueries({ queryKey: ALL }),
  })
}
