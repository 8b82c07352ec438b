/**
 * HTTP: routes, conventions, access, addresses. The only door of the room.
 * Used by the command line and the demo, which call `startStandalone`.
 * The rooms below know nothing of HTTP.
 */
export type { CaptureWindow } from './capture-figures.ts'
export { capturePageRoutes } from './capture-page-routes.ts'
export { captureRoutes } from './capture-routes.ts'
export { type Distributed, type DistributedOptions, startDistributed } from './distributed.ts'
export { SERVER_ERRORS } from './errors.ts'
export { parseLogLevel } from './logger-routes.ts'
export type { Route } from './route.ts'
export {
  type AdvertisedAddress,
  prepareServing,
  restRoutes,
  type Serving,
  type ServingOptions,
  type ServingSettings,
} from './serving.ts'
export { type Standalone, type StandaloneOptions, startStandalone } from './standalone.ts'
export { type Start, type StartOptions, startServer } from './start.ts'
