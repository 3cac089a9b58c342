import type { RenderedFile } from './render-files';

/** Name of the record among the control files of an attempt. */
export const WRITTEN_FILES = 'files.json';

/** A file as it was written before the start; the program may have changed or removed it since. */
export interface WrittenFile {
  path: string;
  content: string;
  /** Whether there was more of it. */
  isCut: boolean;
  /** Whether it is among the results. */
  keep: boolean;
}

/** In characters; of all files together a page shows no more than four times that. */
const MOST_SHOWN = 64_000;
const MOST_SHOWN_TOGETHER = 256_000;

/** What the page of a run shows of them. */
export function writtenRecord(files: readonly Pick<RenderedFile, 'path' | 'content' | 'keep'>[]): WrittenFile[] {
  let left = MOST_SHOWN_TOGETHER;
  return files.map(({ path, content, keep }) => {
    const shown = content.slice(0, Math.min(MOST_SHOWN, left));
    left -= shown.length;
    return { path, content: shown, isCut: shown.length < content.length, keep };
  });
}
