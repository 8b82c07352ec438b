/**
 * Tasks in worker threads: the pool that a worker owns. Door of this folder within the connect room.
 * Start with `task-pool.ts`; what runs in a thread is `task-thread.ts`.
 * See docs/adr/0019-task-threads.md.
 */
export { TaskPool, type TaskRuns } from './task-pool.ts'
