/**
 * Error codes of the Backlog client. Backlog decides by the code in its body; `failureOf` is the one
 * place that turns it into a kind.
 * Spec: backlog-replication 1.5.
 */
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'

export const BACKLOG_ERRORS = declareErrors('backlog', {
  URL: {
    kind: 'config',
    summary: 'The address of a Backlog space cannot be used.',
    advice: 'Give the host or origin of the space, for example https://acme.backlog.com.',
  },
  AUTH_FAILED: {
    kind: 'config',
    summary: 'Backlog refused the API key.',
    advice: 'Make a key in Backlog (personal settings, API) and enter it in the connection.',
  },
  AUTH_EXPIRED: {
    kind: 'config',
    summary: 'The sign-in to Backlog ended and could not be renewed.',
    advice: 'Sign in again: open the connection and press Connect to Backlog.',
  },
  SIGN_IN: {
    kind: 'config',
    summary: 'A sign-in to Backlog did not lead to a token.',
    advice:
      'Compare the client and its callback URL with what is registered at Backlog, then connect again.',
  },
  REFUSED: {
    kind: 'request',
    summary: 'Backlog does not let this user read a resource.',
    advice: 'Use a key of a user with more rights, or take the table out of the job.',
  },
  NOT_ALLOWED_HERE: {
    kind: 'config',
    summary: 'Backlog refuses the space to this client: address, plan or second factor.',
    advice: "Read Backlog's own message; check the list of allowed addresses and the plan.",
  },
  GONE: {
    kind: 'request',
    summary: 'A resource of Backlog does not exist.',
    advice: 'It may have been deleted while the run was reading; the next run sees that.',
  },
  REQUEST: {
    kind: 'fatal',
    summary: 'Backlog did not accept a request.',
    advice: "Read Backlog's own message; a filter of the task may be wrong.",
  },
  UNREACHABLE: {
    kind: 'retriable',
    summary: 'Backlog did not answer, or not in its own format, after all retries.',
    advice: 'Check the URL, the network and the status page of Backlog; the next run goes on.',
  },
  WAIT_LIMIT: {
    kind: 'retriable',
    summary: "The rate limit made a run wait longer than the job's limit.",
    advice: 'Raise the limit of waiting, or let the next run go on.',
  },
  CANCELLED: {
    kind: 'cancelled',
    summary: 'A run was stopped.',
    advice: 'Nothing to do; the next run goes on.',
  },
})

const BY_CODE: Readonly<Record<number, keyof typeof BACKLOG_ERRORS>> = {
  2: 'REFUSED',
  3: 'NOT_ALLOWED_HERE',
  4: 'NOT_ALLOWED_HERE',
  5: 'REFUSED',
  6: 'GONE',
  11: 'AUTH_FAILED',
  12: 'NOT_ALLOWED_HERE',
}

/** Of an answer that is not a success; undefined: worth another attempt. */
export function failureOf(status: number, body: unknown, path: string): ScamanderError | undefined {
  const error = (body as { errors?: { code?: number; message?: string }[] } | undefined)
    ?.errors?.[0]
  const name = BY_CODE[error?.code ?? 0] ?? BY_STATUS[status]
  if (name === undefined && (status >= 500 || status === 408 || error?.code === 1)) return undefined
  const said =
    error?.message === undefined ? '' : `; Backlog says: ${error.message.replace(/[.]+$/, '')}`
  const message = `GET ${path} was answered with ${status}${said}`
  const context = { status, backlogCode: error?.code }
  return new ScamanderError(BACKLOG_ERRORS[name ?? 'REQUEST'], message, { context })
}

const BY_STATUS: Readonly<Record<number, keyof typeof BACKLOG_ERRORS>> = {
  401: 'AUTH_FAILED',
  403: 'REFUSED',
  404: 'GONE',
}
