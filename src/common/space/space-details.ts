import type { Amounts } from './space.repository';

/** What one project takes. */
export interface ProjectShare {
  projectId: string;
  files: Amounts;
  /** What lies in the folder of all results. */
  results: Amounts;
  /** What was deleted and can be brought back. */
  trash: Amounts;
  /** Half-sent uploads, and work that was broken off. */
  unfinished: Amounts;
}

/** What one run left. */
export interface RunShare extends Amounts {
  projectId: string;
  runId: number;
}

/** What an owner's space is used for, largest first. */
export interface SpaceDetails {
  projects: ProjectShare[];
  runs: RunShare[];
  /** Of `SpaceUsage` right after it was measured: later ones say that something has changed since. */
  version: number;
}

/** So much fits into a row of either database. */
const MOST_PROJECTS = 150;
const MOST_RUNS = 50;

export const KINDS = ['files', 'results', 'trash', 'unfinished'] as const;

/** Adds up, file by file, what an owner uses. */
export class SpaceSums {
  readonly total: Amounts = { bytes: 0, files: 0 };
  private readonly projects = new Map<string, ProjectShare>();
  private readonly runs = new Map<string, RunShare>();

  add(projectId: string, kind: (typeof KINDS)[number], bytes: number): void {
    const share = this.shareOf(projectId)[kind];
    for (const sum of [share, this.total]) count(sum, bytes);
  }

  /** A file that `add` counted among the results. */
  addToRun(projectId: string, runId: number, bytes: number): void {
    const key = `${projectId} ${runId}`;
    const share = this.runs.get(key) ?? { projectId, runId, bytes: 0, files: 0 };
    this.runs.set(key, share);
    count(share, bytes);
  }

  /** A project shows even when it is empty. */
  shareOf(projectId: string): ProjectShare {
    const known = this.projects.get(projectId);
    if (known) return known;
    const share = emptyShare(projectId);
    this.projects.set(projectId, share);
    return share;
  }

  largest(): Omit<SpaceDetails, 'version'> {
    return {
      projects: [...this.projects.values()].sort((one, other) => bytesOf(other) - bytesOf(one)).slice(0, MOST_PROJECTS),
      runs: [...this.runs.values()].sort((one, other) => other.bytes - one.bytes).slice(0, MOST_RUNS),
    };
  }
}

export function emptyShare(projectId: string): ProjectShare {
  const none = () => ({ bytes: 0, files: 0 });
  return { projectId, files: none(), results: none(), trash: none(), unfinished: none() };
}

/** All that a project takes. */
export function bytesOf(share: ProjectShare): number {
  return KINDS.reduce((sum, kind) => sum + share[kind].bytes, 0);
}

function count(sum: Amounts, bytes: number): void {
  sum.bytes += bytes;
  sum.files += 1;
}
