/** What carries programs out. A runner serves some engines; the handle of a started run belongs to one. */
export const ENGINES = ['process', 'docker', 'handoff', 'slurm'] as const;
export type Engine = (typeof ENGINES)[number];

/** How a pipeline's program is started; the kinds `docker` and `compose` share the engine `docker`. */
export type Runtime = ProcessRuntime | DockerRuntime | ComposeRuntime | HandoffRuntime | SlurmRuntime;

interface CommandRuntime {
  /** argv prefix. `./x` is a file of the pipeline's folder; `node` is the Node that runs Showrunner; else looked up in PATH. */
  command: string[];
  /** Extra environment variables. */
  env: Record<string, string>;
}

/** A local process of the runner's machine. */
export interface ProcessRuntime extends CommandRuntime {
  kind: 'process';
}

/** A container made of an image that the Docker Engine has. */
export interface DockerRuntime extends CommandRuntime {
  kind: 'docker';
  /** Name or id of the image; it is never pulled. */
  image: string;
  /** Whether the container reaches the network. */
  network: boolean;
  /** `uid:gid`, or null for that of the runner. */
  user: string | null;
  /** Further folders of the host, such as reference data and models. */
  mounts: { source: string; target: string; readOnly: boolean }[];
  /** Bytes of /dev/shm; null for Docker's own 64 MB. */
  shmBytes: number | null;
}

/** A service of a compose file, started as a one-off container. An empty command means that of the service. */
export interface ComposeRuntime extends CommandRuntime {
  kind: 'compose';
  /** Path of the file, relative to the pipeline's folder or absolute. */
  file: string;
  service: string;
}

/** A program whose launcher stays on the host and speaks through files in a folder (PyShowwwcase's handshake). */
export interface HandoffRuntime extends CommandRuntime {
  kind: 'handoff';
  /** Absolute folder that the launcher looks at. */
  folder: string;
  /** Names of the files in it. */
  argsFile: string;
  runIdFile: string;
  lastRunIdFile: string;
  /** File in it to which the program writes its output; null when it has none. */
  logFile: string | null;
  /** Seconds after which a launcher that never picked the run up counts as absent. */
  pickUpSeconds: number;
}

/** A batch job of a Slurm cluster, which sees the same files under the same paths. */
export interface SlurmRuntime extends CommandRuntime {
  kind: 'slurm';
  partition: string | null;
  account: string | null;
  qos: string | null;
  constraint: string | null;
  /** Further options of sbatch, each one word: `--exclusive`. */
  options: string[];
}

export function engineOf({ kind }: Pick<Runtime, 'kind'>): Engine {
  return kind === 'compose' ? 'docker' : kind;
}
