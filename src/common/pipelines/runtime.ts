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
  /** Replaces that of the image; null leaves it. */
  entrypoint: string[] | null;
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
  /** Values of `${NAME}` in the file; `{outputFolder}`, `{projectFolder}` and `{pipelineFolder}` in them are filled in for each run. */
  variables: Record<string, string>;
}

/** A program whose launcher stays on the host and speaks through files in a folder (PyShowwwcase's handshake). */
export interface HandoffRuntime extends CommandRuntime {
  kind: 'handoff';
  /** Absolute folder that the launcher looks at. */
  folder: string;
  /** Absolute folder in which the program leaves its log and the file that tells its end; null: `folder`. */
  workFolder: string | null;
  /** Names of the files in it. */
  argsFile: string;
  runIdFile: string;
  lastRunIdFile: string;
  /** File in it to which the program writes its output; null when it has none. */
  logFile: string | null;
  /** How arguments stand in their file: each on a line of its own, or all on one line, quoted for a shell. */
  form: 'lines' | 'line';
  /** The file whose appearance starts the launcher: it is laid down last. */
  waitsFor: 'args' | 'runId';
  /** Whether the launcher takes that file away by renaming it, or may read it where it lies: then what was laid down counts as begun. */
  takes: 'move' | 'copy';
  /** Folders of this machine and where the program finds them; empty: under the same paths. */
  pathMap: { outside: string; inside: string }[];
  /** Seconds after which a launcher that never picked the run up counts as absent. */
  pickUpSeconds: number;
}

/** A fixed text, or the value of a field of the form; null: not given, so that the cluster decides. */
export type SlurmField = string | { parameter: string } | null;

/** A batch job of a Slurm cluster, which sees the same files under the same paths. */
export interface SlurmRuntime extends CommandRuntime {
  kind: 'slurm';
  partition: SlurmField;
  account: SlurmField;
  qos: SlurmField;
  constraint: SlurmField;
  /** Seconds that are asked of Slurm, or the field of the form that says it. Null: the time limit of the run and a little more. */
  time: number | { parameter: string; unit: 's' | 'm' | 'h' | 'd' } | null;
  /** Further options of sbatch, each one word: `--exclusive`. */
  options: string[];
}

export function engineOf({ kind }: Pick<Runtime, 'kind'>): Engine {
  return kind === 'compose' ? 'docker' : kind;
}
