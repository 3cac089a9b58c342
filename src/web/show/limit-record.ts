import { formatBytes } from '../../browser/amounts';
import type { EntryPath } from '../../common/files/entry-name';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { NotFoundError } from '../../common/errors';
import { formatNumber } from '../../locales/formats';
import { text } from '../../locales/text';

const LIMITS = Buffer.from('limits.json');
const MOST_BYTES = 64 * 1024;

/** One limit as a runner set it. */
interface Limit {
  name: string;
  amount: number;
  by: string;
}

/** The limits that were in force for an attempt, and what held them, in one line; '' for none. */
export async function readLimits(control: SafeDirectory, attempt: number): Promise<string> {
  const path: EntryPath = [Buffer.from(String(attempt)), LIMITS];
  try {
    const { handle, size } = await control.openFile(path);
    try {
      const buffer = Buffer.alloc(Math.min(size, MOST_BYTES));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return inWords(JSON.parse(buffer.toString('utf8', 0, bytesRead)));
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Missing where there are none, and half written in the instant of the start.
    if (error instanceof NotFoundError || error instanceof SyntaxError) return '';
    throw error;
  }
}

function inWords(record: unknown): string {
  const { inForce } = (record ?? {}) as { inForce?: unknown };
  const limits = Array.isArray(inForce) ? inForce.filter(isLimit) : [];
  const holders = [...new Set(limits.map(({ by }) => by))];
  return holders
    .map((by) =>
      text('show.limitsBy', {
        limits: limits
          .filter((limit) => limit.by === by)
          .map(amountOf)
          .filter(Boolean)
          .join(', '),
        by,
      }),
    )
    .join(' · ');
}

function isLimit(entry: unknown): entry is Limit {
  const { name, amount, by } = (entry ?? {}) as Partial<Record<keyof Limit, unknown>>;
  return typeof name === 'string' && typeof amount === 'number' && typeof by === 'string';
}

/** '' for what another version set. */
function amountOf({ name, amount }: Limit): string {
  switch (name) {
    case 'memoryBytes':
      return text('show.limitMemory', { size: formatBytes(amount) });
    case 'cpu':
      return text('show.limitCores', { count: amount / 1000 });
    case 'processes':
      return text('show.limitProcesses', { count: amount, shown: formatNumber(amount) });
    case 'cpuSeconds':
      return text('show.limitCpuTime', { count: amount, shown: formatNumber(amount) });
    case 'openFiles':
      return text('show.limitOpenFiles', { count: amount, shown: formatNumber(amount) });
    case 'fileBytes':
      return text('show.limitFileSize', { size: formatBytes(amount) });
    case 'scratchBytes':
      return text('show.limitScratch', { size: formatBytes(amount) });
    default:
      return '';
  }
}
