/** The program of a copy, and of an import: the folder of the entries is its first handle, and all of them are written to its staging folder. */
import { parseEntryName } from '../files/entry-name';
import { SafeDirectory } from '../files/safe-directory';
import { runTaskProgram } from '../file-tasks/task-program';
import type { ImportBrief } from '../imports/import-brief';
import type { CopyBrief } from './copy-brief';

runTaskProgram<Pick<CopyBrief, 'names'> & Partial<Pick<ImportBrief, 'moves'>>>(async ({ names, moves }, tools) => {
  const source = SafeDirectory.ofHandle(tools.handles[0]);
  const total = { bytes: 0, files: 0 };
  for (const name of names.map(parseEntryName)) {
    const { bytes, files } = await source.measure([name]);
    total.bytes += bytes;
    total.files += files;
  }
  await tools.need(total);
  let leftOut = 0;
  for (const name of names.map(parseEntryName)) {
    const report = await source.copy([name], [name], tools.staging, { advance: (bytes, files) => tools.advance(bytes, files) });
    leftOut += report.leftOut;
  }
  // The originals go when the copies have their place.
  if (moves) tools.flushToDisk();
  return { leftOut };
});
