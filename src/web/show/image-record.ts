import type { SafeDirectory } from '../../common/files/safe-directory';
import { readControlRecord } from './control-record';

/** What a container was made of. */
export interface ImageRecord {
  /** As the pipeline names it. */
  name: string;
  /** What exactly that was: the digest under which a registry has it, or the id that this machine gave it. */
  digest: string;
}

/** Reads which image an attempt ran in. @returns null for one without a container. */
export async function readImage(control: SafeDirectory, attempt: number): Promise<ImageRecord | null> {
  // Missing for other engines.
  return asRecord(await readControlRecord(control, [String(attempt), 'container.json']));
}

function asRecord(value: unknown): ImageRecord | null {
  const { image, imageId, digest } = (value ?? {}) as Record<string, unknown>;
  if (typeof image !== 'string' || typeof imageId !== 'string') return null;
  return { name: image, digest: typeof digest === 'string' ? digest : imageId };
}
