import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConflictError, NotFoundError } from '../../common/errors';
import type { OpenFile, SafeDirectory } from '../../common/files/safe-directory';
import { ImageRenderer, type RenderTask } from './image-renderer';

/** A picture that every browser shows. */
export interface Picture {
  /** The caller closes it. */
  file: OpenFile;
  contentType: 'image/png' | 'image/jpeg';
}

/**
 * Browser-safe pictures in a folder, each rendered once under a name of the caller's. An empty file there says that the image gave no
 * picture, so that a hostile one is tried only once.
 */
@Injectable()
export class PictureStore {
  private readonly running = new Map<string, Promise<void>>();

  constructor(private readonly renderer: ImageRenderer) {}

  /**
   * @param place stands for the folder, in this process. @param source the image; stays open until this has returned.
   * @returns null when there is no picture to be had.
   */
  async take(place: string, folder: SafeDirectory, key: string, source: OpenFile, task: RenderTask): Promise<Picture | null> {
    const stored = await this.find(folder, key);
    if (stored !== undefined) return stored;
    await this.renderOnce(`${place}/${key}`, () => this.store(folder, key, source, task));
    return (await this.find(folder, key)) ?? null;
  }

  /** @returns null when there is no picture to be had; undefined when nobody has tried yet. */
  async find(folder: SafeDirectory, key: string): Promise<Picture | null | undefined> {
    try {
      return await toPicture(await folder.openFile([Buffer.from(key)]));
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  private renderOnce(key: string, work: () => Promise<void>): Promise<void> {
    const running = this.running.get(key);
    if (running) return running;
    const started = work().finally(() => this.running.delete(key));
    this.running.set(key, started);
    return started;
  }

  private async store(folder: SafeDirectory, key: string, source: OpenFile, task: RenderTask): Promise<void> {
    const temporary = [Buffer.from(`${randomUUID()}.part`)];
    const target = await folder.createFile(temporary);
    try {
      const done = await this.renderer.render(source.handle.fd, target.fd, task);
      if (!done) await target.truncate(0);
    } catch (error) {
      await folder.remove(temporary);
      throw error;
    } finally {
      await target.close();
    }
    await folder.move(temporary, [Buffer.from(key)]).catch((error: unknown) => {
      // Another web process was quicker.
      if (!(error instanceof ConflictError)) throw error;
      return folder.remove(temporary).then(() => undefined);
    });
  }
}

async function toPicture(file: OpenFile): Promise<Picture | null> {
  const head = Buffer.alloc(2);
  await file.handle.read(head, 0, 2, 0);
  if (file.size > 0) return { file, contentType: head[0] === 0xff && head[1] === 0xd8 ? 'image/jpeg' : 'image/png' };
  await file.handle.close();
  return null;
}
