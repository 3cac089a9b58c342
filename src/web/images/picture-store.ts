import { Injectable } from '@nestjs/common';
import { DerivedFiles, type Bounds, type Cache } from '../../common/files/derived-files';
import type { OpenFile } from '../../common/files/safe-directory';
import { ImageRenderer, type RenderTask } from './image-renderer';

/** A picture that every browser shows. */
export interface Picture {
  /** The caller closes it. */
  file: OpenFile;
  contentType: 'image/png' | 'image/jpeg';
}

/** Browser-safe pictures, each rendered once under a name of the caller's. */
@Injectable()
export class PictureStore {
  constructor(
    private readonly derived: DerivedFiles,
    private readonly renderer: ImageRenderer,
  ) {}

  /**
   * @param source the image; stays open until this has returned. @param bounds within which the folder is held; none: somebody else does it.
   * @returns null when there is no picture to be had.
   */
  async take(cache: Cache, name: string, source: OpenFile, task: RenderTask, bounds?: Bounds): Promise<Picture | null> {
    const stored = await this.find(cache, name);
    if (stored !== undefined) return stored;
    await this.derived.makeOrNothing(cache, name, (target) => this.renderer.render(source.handle.fd, target.fd, task), bounds);
    return (await this.find(cache, name)) ?? null;
  }

  /** @returns null when there is no picture to be had; undefined when nobody has tried yet. */
  async find(cache: Cache, name: string): Promise<Picture | null | undefined> {
    const file = await this.derived.openOrNothing(cache, name);
    return file && toPicture(file);
  }
}

async function toPicture(file: OpenFile): Promise<Picture> {
  const head = Buffer.alloc(2);
  await file.handle.read(head, 0, 2, 0);
  return { file, contentType: head[0] === 0xff && head[1] === 0xd8 ? 'image/jpeg' : 'image/png' };
}
