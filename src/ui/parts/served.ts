/**
 * Which APIs the server of this page has; told by the page itself, so that nothing is asked for that is
 * not there. Used by the navigation, the queries and the routes.
 * Spec: ui 4.2 (not set up), 6.
 */
const told = document.querySelector<HTMLMetaElement>('meta[name=scamander-serves]')?.content ?? ''
const isTold = !told.startsWith('__')

/** The Connect REST API: connectors. */
export const SERVES_CONNECT = !isTold || told.includes('connect')
/** `/api/v1`: connections and jobs. */
export const SERVES_JOBS = isTold && told.includes('v1')
/** `/api/v1/data`: tables and topics. */
export const SERVES_DATA = isTold && told.includes('data')
/** `/api/v1/migrations`: not in a group of workers. */
export const SERVES_MIGRATIONS = isTold && told.includes('migrations')
/** `/api/v1/cdc`: this worker captures. */
export const SERVES_CAPTURE = isTold && told.includes('capture')
