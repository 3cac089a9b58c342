import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Controller } from './cgroup-hierarchies';
import type { LimitInForce, LimitName, ResourceLimits } from './resource-limits';

const CPU_PERIOD_US = 100_000;
const CPU_SHARES = 1024;
const CPU_WEIGHT = 100;

/** Files of a control group and what to write into them; what may be missing is marked. */
interface Entry {
  file: string;
  value: string;
  optional?: boolean;
}

/** Whether a group needs this controller. */
export function isWanted(controller: Controller, limits: ResourceLimits): boolean {
  return { memory: limits.memoryBytes, cpu: limits.cpu, pids: limits.processes }[controller] !== null;
}

const LIMIT_OF = { memory: 'memoryBytes', cpu: 'cpu', pids: 'processes' } as const satisfies Record<Controller, LimitName>;

/** Sets what a controller of a group holds. @returns null where there is no limit. @throws what the kernel refuses. */
export async function setLimit(
  folder: string,
  version: 1 | 2,
  controller: Controller,
  limits: ResourceLimits,
): Promise<LimitInForce | null> {
  const name = LIMIT_OF[controller];
  const amount = limits[name];
  if (amount === null) return null;
  for (const { file, value, optional } of entriesFor(version, controller, amount)) {
    await writeFile(join(folder, file), value).catch((error: unknown) => {
      if (!optional) throw error;
    });
  }
  return { name, amount, by: version === 1 ? 'cgroup v1' : 'cgroup v2' };
}

function entriesFor(version: 1 | 2, controller: Controller, amount: number): Entry[] {
  const value = String(amount);
  if (controller === 'pids') return [{ file: 'pids.max', value }];
  if (controller === 'cpu') {
    const quota = Math.max(1000, Math.round((amount / 1000) * CPU_PERIOD_US));
    const weight = Math.min(10_000, Math.max(1, Math.round((amount / 1000) * CPU_WEIGHT)));
    if (version === 2)
      return [
        { file: 'cpu.max', value: `${quota} ${CPU_PERIOD_US}` },
        { file: 'cpu.weight', value: String(weight), optional: true },
      ];
    return [
      { file: 'cpu.cfs_period_us', value: String(CPU_PERIOD_US) },
      { file: 'cpu.cfs_quota_us', value: String(quota) },
      { file: 'cpu.shares', value: String(Math.max(2, Math.round((amount / 1000) * CPU_SHARES))), optional: true },
    ];
  }
  // Without swap: what takes more than it said ends, instead of slowing the whole machine down.
  if (version === 1) {
    return [
      { file: 'memory.limit_in_bytes', value },
      { file: 'memory.memsw.limit_in_bytes', value, optional: true },
    ];
  }
  return [
    { file: 'memory.max', value },
    { file: 'memory.swap.max', value: '0', optional: true },
    // One process of several that is killed leaves the others waiting for ever.
    { file: 'memory.oom.group', value: '1', optional: true },
  ];
}
