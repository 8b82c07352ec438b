/**
 * Error codes of the HTTP server: its addresses, and requests that never reach the worker.
 * The statuses follow from the kinds (error-answer.ts).
 * Spec: connect-rest 1.
 */
import { declareErrors } from '../base/scamander-error.ts'

export const SERVER_ERRORS = declareErrors('server', {
  LISTENER: {
    kind: 'config',
    summary: 'An address in `listeners` or `scamander.metrics.listeners` cannot be used.',
    advice:
      'Give addresses as http://host:port or https://host:port; use a free port and a host of this machine.',
  },
  TLS: {
    kind: 'config',
    summary: 'The certificates or settings of an https listener cannot be used.',
    advice:
      'Set ssl.keystore.location (PEM, PKCS12 or JKS) and its password below listeners.https., as the message says.',
  },
  HEADERS: {
    kind: 'config',
    summary: '`response.http.headers.config` is not well-formed.',
    advice: 'Write rules as action name: value, separated by commas.',
  },
  TIMEOUT: {
    kind: 'fatal',
    summary: 'A request was not answered in time.',
    advice: 'Ask again; look at the log of the worker when it happens often.',
  },
  LOGIN_REQUIRED: {
    kind: 'config',
    summary: 'An address that other machines reach is configured without any login.',
    advice: 'Set `scamander.rest.basic.users` or `scamander.rest.token`, or listen on 127.0.0.1.',
  },
  USERS: {
    kind: 'config',
    summary: 'The users of the REST API cannot be read.',
    advice:
      'Write `scamander.rest.basic.users` as name:password, separated by commas, or the file of `scamander.rest.basic.file` as name=password lines.',
  },
  ADDRESSES: {
    kind: 'config',
    summary: 'A list of addresses that may call, or of trusted proxies, cannot be read.',
    advice: 'Write addresses like 10.0.0.5 and networks like 10.0.0.0/8, separated by commas.',
  },
  BODY: {
    kind: 'config',
    summary: 'The body of a request is not the JSON document that the call takes.',
    advice: 'Correct the body as the message says.',
  },
  STOPPED: {
    kind: 'cancelled',
    summary: 'The start was stopped before it was complete.',
    advice: 'Nothing.',
  },
  UNKNOWN_LOGGER: {
    kind: 'request',
    summary: 'There is no logger or level of that name.',
    advice: 'List the loggers with GET /admin/loggers.',
  },
})
