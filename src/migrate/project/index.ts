/**
 * Migration projects: phases, checks, and the desk that moves them on. Part of the migration room;
 * reached through its door. Start with migration-desk.ts.
 * Spec: live-migration 5.
 */
export { MigrationDesk, type ProjectDraft } from './migration-desk.ts'
export { type Project, type ProjectCluster, ProjectStore } from './project-store.ts'
