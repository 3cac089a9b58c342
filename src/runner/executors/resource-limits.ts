import { formatBytes } from '../../browser/amounts';
import type { AppConfig } from '../../common/config/app-config';
import { text } from '../../locales/text';
import type { Assignment, EndCause } from './executor';

/** What a program may take at most; null: no limit. */
export interface ResourceLimits {
  memoryBytes: number | null;
  /** Thousandths of a core. */
  cpu: number | null;
  /** Processes and threads, all of the program together. */
  processes: number | null;
  /** Of each process by itself. */
  cpuSeconds: number | null;
  openFiles: number | null;
  fileBytes: number | null;
  /** Of a container, outside of the folders that it is given. */
  scratchBytes: number | null;
}

export type LimitName = keyof ResourceLimits;

/** One limit as it was set, and by what. */
export interface LimitInForce {
  name: LimitName;
  amount: number;
  by: 'cgroup v1' | 'cgroup v2' | 'rlimit' | 'Docker' | 'Slurm' | 'runner';
}

/** What lies beside the other control files of an attempt as `limits.json`: for the page of the run, and for whoever ends it. */
export interface LimitRecord {
  inForce: LimitInForce[];
  /** Absolute folders of its control groups. */
  groups: string[];
}

const MIB = 1024 * 1024;
const KIB = 1024;
const BLOCK_BYTES = 512;
/** After the signal that tells of the limit a program may tidy up for so long. */
const CPU_GRACE_SECONDS = 5;
const SIGXCPU = 24;
const SIGXFSZ = 25;

/** What a run may take: its pipeline's word, else the installation's. */
export function limitsFor({ needs, limits }: Assignment, { settings }: AppConfig): ResourceLimits {
  return {
    memoryBytes: needs.memory > 0 ? needs.memory * MIB : (settings.MEMORY_LIMIT ?? null),
    cpu: settings.CPU_LIMIT && needs.cpu > 0 ? needs.cpu : null,
    processes: limits.processes ?? (settings.PROCESS_LIMIT || null),
    cpuSeconds: limits.cpuSeconds ?? null,
    openFiles: limits.openFiles ?? null,
    fileBytes: limits.fileBytes ?? settings.FILE_SIZE_LIMIT ?? null,
    scratchBytes: limits.scratchBytes ?? (settings.SCRATCH_LIMIT || null),
  };
}

/**
 * What is left to the limits of single processes, as `supervise.sh` passes them to `ulimit`.
 * @param held by control groups already.
 */
export function processLimits(limits: ResourceLimits, held: readonly LimitInForce[], { limits: asked }: Assignment) {
  const words: string[] = [];
  const inForce: LimitInForce[] = [];
  const set = (name: LimitName, amount: number | null, ...options: string[]) => {
    if (amount === null || held.some((limit) => limit.name === name)) return;
    words.push(...options);
    inForce.push({ name, amount, by: 'rlimit' });
  };
  const { memoryBytes, cpuSeconds, openFiles, fileBytes } = limits;
  // Data and not address space: programs reserve addresses by the gigabyte that they never use.
  set('memoryBytes', memoryBytes, `-d ${Math.ceil((memoryBytes ?? 0) / KIB)}`);
  // It counts everything that the user runs, this runner too: only where a pipeline asks for it.
  set('processes', asked.processes ?? null, `-u ${asked.processes}`);
  // Soft first: the signal tells what happened, and the hard one kills what does not listen.
  set('cpuSeconds', cpuSeconds, `-S -t ${cpuSeconds}`, `-H -t ${(cpuSeconds ?? 0) + CPU_GRACE_SECONDS}`);
  set('openFiles', openFiles, `-n ${openFiles}`);
  set('fileBytes', fileBytes, `-f ${Math.max(1, Math.ceil((fileBytes ?? 0) / BLOCK_BYTES))}`);
  return { words, inForce };
}

/** Which limit ended a program, if one did. @param oom whether its control group saw the kernel end something for want of memory. */
export function causeOf(exitCode: number, inForce: readonly LimitInForce[], oom: boolean): { cause: EndCause; note: string } | null {
  const amountOf = (name: LimitName) => inForce.find((limit) => limit.name === name)?.amount;
  const memory = amountOf('memoryBytes');
  if (oom && memory !== undefined) return { cause: 'outOfMemory', note: text('runner.memoryExceeded', { size: formatBytes(memory) }) };
  const seconds = amountOf('cpuSeconds');
  if (exitCode === 128 + SIGXCPU && seconds !== undefined) {
    return { cause: 'cpuLimit', note: text('runner.cpuTimeExceeded', { seconds }) };
  }
  const size = amountOf('fileBytes');
  if (exitCode === 128 + SIGXFSZ && size !== undefined) {
    return { cause: 'outputLimit', note: text('runner.fileTooLarge', { size: formatBytes(size) }) };
  }
  return null;
}

/** What is told of a program that came to a good end although a part of it was ended for want of memory. */
export function partOutOfMemory(): { cause: EndCause; note: string } {
  return { cause: 'outOfMemory', note: text('runner.partOutOfMemory') };
}
