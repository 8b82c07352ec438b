/**
 * Style sheets that modules load for their effect; the builder takes them out into files.
 * Read by the compiler only.
 * Spec: ui 7 (style sheets of single components).
 */
declare module '*.css'
