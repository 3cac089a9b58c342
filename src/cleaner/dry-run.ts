import { formatBytes } from '../browser/amounts';
import type { CleaningService } from './cleaning.service';

const SIZE_WIDTH = 10;

/**
 * `--dry-run`: one line for each thing that would go, and a sum.
 * @returns exit status: always 0; what cannot be read fails as a whole.
 */
export async function listWaste(cleaning: Pick<CleaningService, 'waste'>, out: { write(text: string): unknown }): Promise<number> {
  let count = 0;
  let files = 0;
  let bytes = 0;
  for await (const { chore, waste } of cleaning.waste()) {
    const amount = await waste.measure();
    count += waste.count ?? 1;
    files += amount.files;
    bytes += amount.bytes;
    out.write(`${formatBytes(amount.bytes).padStart(SIZE_WIDTH)}  ${waste.what} (${chore.name})\n`);
  }
  const what = count === 0 ? 'nothing' : `${count} ${count === 1 ? 'thing' : 'things'}`;
  out.write(`Would delete ${what}: ${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}. Nothing was changed.\n`);
  return 0;
}
