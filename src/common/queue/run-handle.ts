/** Identity of a held process: a pid alone is reused, so its start time and the boot it belongs to stand beside it. */
export interface ProcessHandle {
  kind: 'process';
  /** Of the supervisor, leader of its own session. */
  pid: number;
  /** Field 22 of /proc/<pid>/stat, clock ticks since boot. */
  startTicks: string;
  host: string;
  /** Kernel boot id and PID namespace: another value means that every process of the old one is dead. */
  bootId: string;
}

/** A container, found by its name; the id tells it from a later one of the same name. */
export interface DockerHandle {
  kind: 'docker';
  containerId: string;
  name: string;
  /** Host of the runner that talks to that Docker Engine. */
  host: string;
  /** Id of the Docker Engine. */
  daemon: string;
}

/** A run that was laid into the folder of a launcher. */
export interface HandoffHandle {
  kind: 'handoff';
  /** Absolute. */
  folder: string;
  /** What stands in its run-id file. */
  token: string;
  host: null;
}

/** A job of a cluster. Ids are used again, so name and comment stand beside it. */
export interface SlurmHandle {
  kind: 'slurm';
  jobId: string;
  name: string;
  comment: string;
  host: null;
}

/**
 * Whether what it names is on another machine than a runner's. The boot tells processes apart, so that a machine may change its name; a
 * name that stayed while the boot changed is a machine that was started again, or a container made anew.
 */
export function isElsewhere(handle: RunHandle | null, runner: { host: string; bootId: string }): boolean {
  if (handle === null || handle.host === null || handle.host === runner.host) return false;
  return handle.kind !== 'process' || handle.bootId !== runner.bootId;
}

/** How the outside object of an attempt is found again. `host` is null where every runner that serves the engine can see it. */
export type RunHandle = ProcessHandle | DockerHandle | HandoffHandle | SlurmHandle;
