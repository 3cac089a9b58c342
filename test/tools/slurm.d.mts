/** A private Slurm cluster of one node for tests. */
export interface SlurmCluster {
  folder: string;
  /** Path of its slurm.conf. */
  conf: string;
  /** Settings of a runner, and environment of a tool, that make it use this cluster. */
  environment: { SLURM_CONF: string };
  /** The last words of each daemon that was started, and whether it still runs. */
  words(): string;
  /** slurmctld; it goes on from what it had written down when it ended. */
  startController(): Promise<void>;
  /** Ends slurmctld: SIGKILL (the default) as a crash does, SIGTERM in order. */
  stopController(signal?: NodeJS.Signals): Promise<void>;
  startNode(): Promise<void>;
  /** Ends slurmd; programs and their slurmstepd go on. */
  stopNode(signal?: NodeJS.Signals): Promise<void>;
  /** Lets jobs onto the node again that was drained, as its administrator would. */
  resumeNode(): Promise<void>;
  /** Resolves when the node takes jobs. */
  untilReady(): Promise<void>;
  /** Calls a tool of Slurm on this cluster. */
  run(tool: string, args: string[], more?: Record<string, string>): Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Ends everything of this cluster, jobs too, and removes its folder. */
  stop(): Promise<void>;
}
export function startSlurm(options?: {
  accounting?: { socket: string };
  cpus?: number;
  settings?: Record<string, string>;
}): Promise<SlurmCluster>;
