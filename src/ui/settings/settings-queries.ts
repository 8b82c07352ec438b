/**
 * What the settings read and do: users, second factors, addresses,
 * API tokens, named secrets, loggers, over `/api/v1` and the Connect REST API.
 * Invariant: a password, a token and a secret go one way only and are not kept in a query.
 * Spec: ui 5.7, 6; backlog-replication 2.16, 2.17; connect-rest 2.5.
 */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { LoggerInfo } from '../../api.ts'
import type { List, RetentionInfo, RetentionSpec } from '../../api-v1.ts'
import type {
  AccountInfo,
  AddressRulesDraft,
  AddressRulesInfo,
  FactorDraft,
  RecoveryCodes,
  SecretDraft,
  SecretInfo,
  TokenDraft,
  TokenInfo,
  TokenMade,
  UserDraft,
  UserInfo,
  UserPatch,
} from '../../api-v1-access.ts'
import { ApiError, call, part } from '../api-client.ts'
import { toastProblem } from '../parts/toast.ts'

const API = '/api/v1'
const LOGGERS = '/admin/loggers'

async function items<T>(path: string): Promise<readonly T[]> {
  return (await call<List<T>>('GET', `${API}${path}`)).items
}

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: () => items<UserInfo>('/users'),
})

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: () => items<TokenInfo>('/tokens'),
})

export const loggersQuery = queryOptions({
  queryKey: ['loggers'],
  queryFn: () => call<Record<string, LoggerInfo>>('GET', LOGGERS),
})

export const addUser = (draft: UserDraft) => call<UserInfo>('POST', `${API}/users`, draft)

export const patchUser = ({ id, patch }: { id: string; patch: UserPatch }) =>
  call<UserInfo>('PATCH', `${API}/users/${part(id)}`, patch)

export const deleteUser = ({ id }: UserInfo) =>
  call<undefined>('DELETE', `${API}/users/${part(id)}`)

export const resetFactor = ({ id }: UserInfo) =>
  call<undefined>('DELETE', `${API}/users/${part(id)}/factor`)

export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: () => call<AccountInfo>('GET', `${API}/account`),
})

export const beginFactor = (given: { password: string }) =>
  call<FactorDraft>('POST', `${API}/account/factor`, given)

export const confirmFactor = (given: { code: string }) =>
  call<RecoveryCodes>('POST', `${API}/account/factor/confirm`, given)

export const endFactor = (given: { code: string }) =>
  call<undefined>('POST', `${API}/account/factor/off`, given)

export const addressesQuery = queryOptions({
  queryKey: ['addresses'],
  queryFn: () => call<AddressRulesInfo>('GET', `${API}/addresses`),
})

export const putAddresses = (draft: AddressRulesDraft) =>
  call<AddressRulesInfo>('PUT', `${API}/addresses`, draft)

export const makeToken = (draft: TokenDraft) => call<TokenMade>('POST', `${API}/tokens`, draft)

export const deleteToken = ({ id }: TokenInfo) =>
  call<undefined>('DELETE', `${API}/tokens/${part(id)}`)

export const secretsQuery = queryOptions({
  queryKey: ['secrets'],
  queryFn: () => items<SecretInfo>('/secrets'),
})

export const addSecret = (draft: SecretDraft) => call<SecretInfo>('POST', `${API}/secrets`, draft)

export const replaceSecret = ({ name, value }: SecretDraft) =>
  call<SecretInfo>('PUT', `${API}/secrets/${part(name)}`, { value })

export const deleteSecret = ({ name }: SecretInfo) =>
  call<undefined>('DELETE', `${API}/secrets/${part(name)}`)

export const setLevel = (of: { name: string; level: string; isCluster: boolean }) =>
  call<unknown>('PUT', `${LOGGERS}/${part(of.name)}${of.isCluster ? '?scope=cluster' : ''}`, {
    level: of.level,
  })

/** A change after which a list is read again; a failure is told as a toast, unless it belongs to a field. */
export function useChange<T, R>(
  send: (given: T) => Promise<R>,
  of: {
    readonly key: readonly string[]
    readonly failed: string
    readonly onDone?: (answer: R, given: T) => void
  },
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: send,
    // What was given may be a secret: it is forgotten when it was sent.
    gcTime: 0,
    onSuccess: (answer, given) => of.onDone?.(answer, given),
    onError: error => {
      const isAtField = error instanceof ApiError && error.errors.length > 0
      if (!isAtField) toastProblem(of.failed, error)
    },
    onSettled: () => client.invalidateQueries({ queryKey: of.key }),
  })
}

export function errorAt(error: Error | null, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  return error.errors.find(one => one.field === field)?.message
}

export const retentionQuery = queryOptions({
  queryKey: ['retention'],
  queryFn: () => call<RetentionInfo>('GET', `${API}/history/retention`),
})

export const putRetention = (spec: RetentionSpec) =>
  call<RetentionInfo>('PUT', `${API}/history/retention`, spec)
