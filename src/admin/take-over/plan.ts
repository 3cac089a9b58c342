import type { MasterPerson } from '../../common/external-users/master-table';
import type { Pipeline } from '../../common/pipelines/manifest';
import type { FinalState } from '../../common/queue/run-state';
import type { OldFolder } from './old-folders';

/**
 * - `stop`: nothing at all is taken over before it is mended.
 * - `left`: this one stays where it is.
 * - `again`: a run that waits there, and that somebody has to ask for again here.
 * - `note`: it is taken over, and somebody should know of it.
 */
export type RemarkLevel = 'stop' | 'left' | 'again' | 'note';

/** Something that the administrator has to read. */
export interface Remark {
  level: RemarkLevel;
  /** Of many of one kind the report shows the first. */
  kind: string;
  sentence: string;
}

export interface PersonPlan {
  /** What tells them from others in the older system: the id, the name where there are no ids. */
  key: string;
  name: string;
  /** What their folder may be called. */
  folders: readonly string[];
  email: string | null;
  shown: string;
  /** Null: no SHA-256. */
  sha256: string | null;
  isActive: boolean;
  isAdmin: boolean;
  registeredMs: number | null;
  /** Account here that is theirs already; null: one is made. */
  accountId: string | null;
  /** As EXTERNAL_USERS_… has them; null where it has not, or is not set. */
  master: MasterPerson | null;
}

/** Who gets a project: somebody who is taken over, or an account that was named. */
export type NewOwner = { key: string } | { accountId: string };

export interface ProjectPlan {
  folder: OldFolder;
  owner: NewOwner;
  name: string;
  /** Inode of what lies where results of runs go here, and gets another name; null: nothing does. */
  inTheWay: number | null;
  /** What the last run has left. */
  results: Buffer[];
  resultsMs: { newest: number; oldest: number } | null;
}

/** A run that is over. */
export interface EndedJob {
  /** What tells it from others in the older system. */
  key: string;
  /** As people there know it. */
  number: string;
  /** Folder of its project: `<owner>/<name>`. */
  place: string;
  state: FinalState;
  pipeline: Pipeline | null;
  pipelineId: string;
  values: Record<string, unknown> | null;
  code: string;
  message: string | null;
  exitCode: number | null;
  requestedMs: number | null;
  startedMs: number | null;
  endedMs: number | null;
}

export interface WaitingJob {
  key: string;
  number: string;
  place: string;
  pipeline: Pipeline;
  /** As they are to be checked against the project. */
  submitted: Record<string, unknown>;
}

/** What would be done. */
export interface Plan {
  people: PersonPlan[];
  projects: ProjectPlan[];
  ended: EndedJob[];
  waiting: WaitingJob[];
  remarks: Remark[];
}
