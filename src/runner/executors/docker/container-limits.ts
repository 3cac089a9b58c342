import type { LimitInForce, ResourceLimits } from '../resource-limits';

interface Ulimit {
  Name: string;
  Soft: number;
  Hard: number;
}

/** The part of HostConfig that limits what a container may take. */
export interface LimitingConfig {
  Memory?: number;
  NanoCpus?: number;
  PidsLimit?: number | null;
  Ulimits?: Ulimit[] | null;
}

const NANO_PER_THOUSANDTH = 1_000_000;
/** After the signal that tells of the limit a program may tidy up for so long. */
const CPU_GRACE_SECONDS = 5;

/** @param cpus processors of the machine: Docker refuses to promise more. @param ulimits of a compose file; ours go before them. */
export function limitingConfig(limits: ResourceLimits, cpus: number, ulimits: readonly Ulimit[]): Record<string, unknown> {
  const { memoryBytes, cpu, processes } = limits;
  const own = ownUlimits(limits);
  const all = [...own, ...ulimits.filter(({ Name }) => !own.some((one) => one.Name === Name))];
  return {
    // The same for both: a run that needs more than it said is told so, instead of slowing the whole machine down.
    ...(memoryBytes && { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(cpu && { NanoCpus: Math.min(cpu, cpus * 1000) * NANO_PER_THOUSANDTH }),
    ...(processes && { PidsLimit: processes }),
    ...(all.length > 0 && { Ulimits: all }),
  };
}

function ownUlimits({ cpuSeconds, openFiles, fileBytes }: ResourceLimits): Ulimit[] {
  const limits: Ulimit[] = [];
  if (cpuSeconds) limits.push({ Name: 'cpu', Soft: cpuSeconds, Hard: cpuSeconds + CPU_GRACE_SECONDS });
  if (openFiles) limits.push({ Name: 'nofile', Soft: openFiles, Hard: openFiles });
  if (fileBytes) limits.push({ Name: 'fsize', Soft: fileBytes, Hard: fileBytes });
  return limits;
}

/** The limits of a container as the page of the run names those of any engine. */
export function limitsInForce({ Memory, NanoCpus, PidsLimit, Ulimits }: LimitingConfig): LimitInForce[] {
  const soft = (name: string) => Ulimits?.find(({ Name }) => Name === name)?.Soft;
  const limits = [
    ['memoryBytes', Memory],
    ['cpu', NanoCpus && NanoCpus / NANO_PER_THOUSANDTH],
    ['processes', PidsLimit],
    ['cpuSeconds', soft('cpu')],
    ['openFiles', soft('nofile')],
    ['fileBytes', soft('fsize')],
  ] as const;
  return limits.flatMap(([name, amount]) => (amount && amount > 0 ? [{ name, amount, by: 'Docker' as const }] : []));
}

/** What `ScratchGuard` holds, as the page of the run names it. */
export function scratchLimit({ scratchBytes }: ResourceLimits): LimitInForce[] {
  return scratchBytes ? [{ name: 'scratchBytes', amount: scratchBytes, by: 'runner' }] : [];
}
