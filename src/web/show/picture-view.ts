import type { FileHandle } from 'node:fs/promises';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { elementKey } from './element-key';
import type { Growth } from './growth';
import type { ShownResult } from './result-choice';
import type { ResultFile } from './result-tree';
import { isWholePicture } from './whole-picture';

export interface PictureView {
  kind: 'image';
  /** Of its element: the same while the run goes on and afterwards. */
  id: string;
  title: string;
  caption: string;
  name: string;
  /** For addresses: below `/runs/<id>/files` or `/runs/<id>/views`. */
  address: string;
  /** False while it is being written: then words stand in its place. */
  isReady: boolean;
  /** Of a run that is over: it ends before its end, so that a part of it at most can be seen. */
  isDamaged: boolean;
  /** True where a browser could not show the file itself, or not well. */
  rendered: boolean;
  labels: boolean;
  /** Changes with the file, so that a newer one is fetched. */
  version: number;
  bytes: number;
}

/** Above this a picture is scaled down for the page; the file itself is one click away. */
const LARGE_PICTURE_BYTES = 5_000_000;
const PNG_HEAD_BYTES = 26;

/** @param growth of a run that still writes; null for one that is over. */
export async function pictureView(
  results: SafeDirectory,
  { file, title, caption, labels }: ShownResult,
  growth: Growth | null,
): Promise<PictureView> {
  const isAlwaysRendered = labels || file.type.kind === 'scan' || file.size > LARGE_PICTURE_BYTES;
  // A few kilobytes of it, however large it is.
  const { isWhole, isDeep } = await inspect(results, file);
  // What ends in the middle is nothing for browsers, which would show a torn picture or none: the renderer makes the best of it.
  const isTorn = isWhole === false || (isWhole === null && file.type.kind !== 'drawing');
  const rendered = isAlwaysRendered || isDeep || isTorn;
  return {
    kind: 'image',
    id: `picture-${elementKey(file.address)}`,
    title,
    caption,
    name: file.shown,
    address: file.address,
    isDamaged: growth === null && isWhole === false,
    isReady: growth === null || (isWhole !== false && (!rendered || growth.rests(file))),
    rendered,
    labels,
    version: file.mtimeMs,
    bytes: file.size,
  };
}

/** Whether a file of a run that still writes is there as a whole, as far as its kind tells. */
export async function isReadyFile(results: SafeDirectory, file: ResultFile, growth: Growth): Promise<boolean> {
  return growth.rests(file) && (await inspect(results, file)).isWhole !== false;
}

async function inspect(results: SafeDirectory, file: ResultFile): Promise<{ isWhole: boolean | null; isDeep: boolean }> {
  try {
    const { handle, size } = await results.openFile(file.path);
    try {
      return { isWhole: await isWholePicture(handle, size), isDeep: await isDeepPng(handle, file) };
    } finally {
      await handle.close();
    }
  } catch {
    // It has gone meanwhile, or is none of ours to open.
    return { isWhole: false, isDeep: false };
  }
}

/** Browsers show the upper byte of 16 bits, which is black where an instrument wrote 12. */
async function isDeepPng(handle: FileHandle, { type }: ResultFile): Promise<boolean> {
  if (type.inline !== 'image/png') return false;
  const head = Buffer.alloc(PNG_HEAD_BYTES);
  await handle.read(head, 0, PNG_HEAD_BYTES, 0);
  return head[24] === 16;
}
