import type { Project } from '../../common/projects/project.entity';
import type { Grant } from '../http/access/policy';

/** The page above a run as its reader may open it, below the base path; null for those whose link opens the run alone. */
export function projectWay(project: Project | null, grant: Grant | null): string | null {
  if (!project || (grant && grant.runId !== null)) return null;
  return `/projects/${project.id}${grant ? '/shared' : ''}`;
}
