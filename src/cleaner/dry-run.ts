import { formatBytes } from '../browser/amounts';
import type { Foreseen } from '../common/cleaning/dry-run';

const SIZE_WIDTH = 10;

/**
 * `--dry-run`: one line for each thing that would go, and a sum.
 * @returns exit status: always 0; what cannot be read fails as a whole.
 */
export async function listWaste(cleaning: { waste(): AsyncIterable<Foreseen> }, out: { write(text: string): unknown }): Promise<number> {
  let count = 0;
  let files = 0;
  let bytes = 0;
  for await (const { chore, waste, amount } of cleaning.waste()) {
    count += waste.count ?? 1;
    files += amount?.files ?? 0;
    bytes += amount?.bytes ?? 0;
    out.write(`${formatBytes(amount?.bytes ?? 0).padStart(SIZE_WIDTH)}  ${waste.what} (${chore.name})\n`);
  }
  const what = count === 0 ? 'nothing' : `${count} ${count === 1 ? 'thing' : 'things'}`;
  out.write(`Would delete ${what}: ${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}. Nothing was changed.\n`);
  return 0;
}
