import { dirname, relative, sep } from 'node:path';
import type { Assignment } from '../executor';
import type { ResourceLimits } from '../resource-limits';
import { limitingConfig } from './container-limits';
import { hostPath, type PathPair } from './host-paths';

/** A folder or file of the runner's machine in a container. */
export interface PlannedMount {
  /** As this runner sees it, unless `isHostPath`. */
  source: string;
  target: string;
  readOnly: boolean;
  /** Given by an administrator who means the machine of the Docker Engine. */
  isHostPath?: boolean;
}

/** What is to be in a container, whether a manifest or a compose file says so. Null: the image's own. */
export interface ContainerPlan {
  image: string;
  entrypoint: string[] | null;
  command: string[] | null;
  env: Record<string, string>;
  user: string;
  workingFolder: string;
  mounts: PlannedMount[];
  volumes: { name: string; target: string; readOnly: boolean }[];
  network: string;
  shmBytes: number | null;
  limits: ResourceLimits;
  capabilities: string[];
  /** What a compose file reserves, in the words of the API; the GPUs that a run was given go before it. */
  deviceRequests: Record<string, unknown>[];
  /** Further fields of HostConfig that a compose file sets. */
  extra: Record<string, unknown>;
}

/** What the executor adds to every container. */
export interface Surroundings {
  labels: Record<string, string>;
  paths: readonly PathPair[];
  gpuIds: readonly string[];
  /** Folder in which the start leaves its trace. */
  traceFolder: string;
  /** Bytes of output that the engine keeps at most, twice. */
  logBytes: number;
  /** Processors of the engine's machine. */
  cpus: number;
}

/** Inputs outside the project are mounted one by one up to this number; beyond it, the folders that hold them. */
const MOST_SINGLE_INPUTS = 32;
/** Where the start of a program leaves its trace; see `DockerExecutor`. */
const TRACE_TARGET = '/run/showrunner';
/** Name of the trace in `traceFolder`. */
export const TRACE = 'begun';

/** The folders that every container gets, under the same names as outside, so that arguments mean the same in both. */
export function ownMounts({ projectFolder, pipelineFolder, cwd, inputs }: Assignment): PlannedMount[] {
  const outside = inputs.filter((path) => !isWithin(path, projectFolder) && !isWithin(path, pipelineFolder));
  const readOnly = [projectFolder, pipelineFolder, ...(outside.length > MOST_SINGLE_INPUTS ? foldersOf(outside) : outside)];
  const mounts = [...new Set(readOnly)].map((path) => ({ source: path, target: path, readOnly: true }));
  return [...mounts, { source: cwd, target: cwd, readOnly: false }];
}

/** The body of `POST /containers/create`. */
export function createBody(plan: ContainerPlan, around: Surroundings): Record<string, unknown> {
  const reserved = around.gpuIds.length === 0 && plan.deviceRequests.length > 0;
  const { CUDA_VISIBLE_DEVICES: _outside, ...given } = plan.env;
  const env = { HOME: '/tmp', ...given, ...(reserved ? {} : gpuVariables(around.gpuIds)) };
  return {
    Image: plan.image,
    ...(plan.entrypoint && { Entrypoint: plan.entrypoint }),
    ...(plan.command && { Cmd: plan.command }),
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    User: plan.user,
    WorkingDir: plan.workingFolder,
    Labels: around.labels,
    Tty: false,
    HostConfig: hostConfig(plan, around),
    // Nobody would look at it.
    Healthcheck: { Test: ['NONE'] },
  };
}

function hostConfig(plan: ContainerPlan, around: Surroundings): Record<string, unknown> {
  const { Ulimits: ulimits, ...extra } = plan.extra;
  const gpus = around.gpuIds.length > 0 ? [{ Driver: 'nvidia', DeviceIDs: around.gpuIds, Capabilities: [['gpu']] }] : plan.deviceRequests;
  return {
    ...limitingConfig(plan.limits, around.cpus, (ulimits ?? []) as Parameters<typeof limitingConfig>[2]),
    ...extra,
    RestartPolicy: { Name: 'no' },
    AutoRemove: false,
    Init: true,
    NetworkMode: plan.network,
    CapDrop: ['ALL'],
    CapAdd: plan.capabilities,
    SecurityOpt: ['no-new-privileges'],
    ...(plan.shmBytes && { ShmSize: plan.shmBytes }),
    ...(gpus.length > 0 && { DeviceRequests: gpus }),
    // `local` would keep bytes that are no UTF-8, but it loses the ends of long lines, and daemons have run out of memory following it.
    LogConfig: { Type: 'json-file', Config: { 'max-size': String(around.logBytes), 'max-file': '2' } },
    Mounts: mounts(plan, around),
  };
}

function mounts(plan: ContainerPlan, { paths, traceFolder }: Surroundings): Record<string, unknown>[] {
  const bind = ({ source, target, readOnly, isHostPath }: PlannedMount) => ({
    Type: 'bind',
    Source: isHostPath ? source : hostPath(source, paths),
    Target: target,
    ReadOnly: readOnly,
  });
  const trace = { source: traceFolder, target: TRACE_TARGET, readOnly: false };
  const inTrace = { source: traceFolder, target: `${TRACE_TARGET}/${TRACE}`, readOnly: true };
  // What a manifest mounts at the place of one of ours replaces it.
  const byTarget = new Map([...plan.mounts, trace, inTrace].map((mount) => [mount.target, mount]));
  const volumes = plan.volumes.map(({ name, target, readOnly }) => ({ Type: 'volume', Source: name, Target: target, ReadOnly: readOnly }));
  return [...[...byTarget.values()].map(bind), ...volumes];
}

/** Inside, the GPUs that were given are all there are, and CUDA counts them from 0; names stay names. */
function gpuVariables(ids: readonly string[]): Record<string, string> {
  if (ids.length === 0) return { CUDA_VISIBLE_DEVICES: '', NVIDIA_VISIBLE_DEVICES: 'void' };
  return { CUDA_VISIBLE_DEVICES: ids.map((id, index) => (/^\d+$/.test(id) ? String(index) : id)).join(',') };
}

function foldersOf(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => dirname(path)))];
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}
