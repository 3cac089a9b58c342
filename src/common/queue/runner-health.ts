/** How the machine of a runner does, as it tells with its sign of life. */
export interface RunnerHealth {
  /** Programs that compute or wait for the disk, on average over a minute; more than the cores is too many. */
  load: number;
  /** Cores of the machine. */
  cores: number;
  /** Bytes of memory that are left, and those that there are. */
  freeMemory: number;
  memory: number;
  /** Bytes that are left on the disk of the projects; null: not known. */
  freeDisk: number | null;
  /** Version of Node that it runs on. */
  node: string;
}

/** What a row says, or null: it was written by another version, perhaps. */
export function readHealth(json: string | null): RunnerHealth | null {
  if (json === null || json === '') return null;
  try {
    const told = JSON.parse(json) as Partial<Record<keyof RunnerHealth, unknown>>;
    const number = (name: keyof RunnerHealth) => (typeof told[name] === 'number' ? told[name] : 0);
    if (number('cores') <= 0) return null;
    return {
      load: number('load'),
      cores: number('cores'),
      freeMemory: number('freeMemory'),
      memory: number('memory'),
      freeDisk: typeof told.freeDisk === 'number' ? told.freeDisk : null,
      node: typeof told.node === 'string' ? told.node : '',
    };
  } catch {
    return null;
  }
}
