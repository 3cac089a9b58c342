import type { Project } from '../../common/projects/project.entity';

/** A project, and what its folder is called in the archive. */
export interface NamedProject {
  project: Project;
  folder: string;
}

/** As people and programs read it. */
export function moment(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
