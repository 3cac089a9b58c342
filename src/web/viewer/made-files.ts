import type { FileHandle } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { DerivedFiles, versionedName, type VersionedName } from '../../common/files/derived-files';
import type { OpenFile } from '../../common/files/safe-directory';
import type { Original, Shelf } from './shelf';

const PREFIX = 'tiles-';

/** What is made of images for the viewer, once per version of its original and kept with its shelf. */
@Injectable()
export class MadeFiles {
  constructor(
    private readonly derived: DerivedFiles,
    private readonly config: AppConfig,
  ) {}

  /** @param way how it is made: other ways make other files. @returns null where there is nothing to be had. The caller closes it. */
  async take(shelf: Shelf, original: Original, way: string, make: (output: FileHandle) => Promise<boolean>): Promise<OpenFile | null> {
    const found = await this.find(shelf, original, way);
    if (found !== undefined) return found;
    await this.start(shelf, original, way, make);
    return (await this.find(shelf, original, way)) ?? null;
  }

  /** @returns null where there is nothing to be had; undefined when it was not made yet. The caller closes it. */
  async find(shelf: Shelf, original: Original, way: string): Promise<OpenFile | null | undefined> {
    return this.derived.openOrNothing(await shelf.cache(), nameOf(original, way).name);
  }

  /** Makes it, unless that is under way already; then both wait for the same. */
  async start(shelf: Shelf, original: Original, way: string, make: (output: FileHandle) => Promise<boolean>): Promise<void> {
    const { name, isOutdated } = nameOf(original, way);
    await this.derived.makeOrNothing(await shelf.cache(), name, make, {
      prefix: PREFIX,
      bytes: this.config.settings.MAX_VIEWS,
      isOutdated,
    });
  }

  /** A file while it grows; null where none does. The caller closes it. */
  async growing(shelf: Shelf, original: Original, way: string): Promise<OpenFile | null> {
    return this.derived.growing(await shelf.cache(), nameOf(original, way).name);
  }
}

function nameOf(original: Original, way: string): VersionedName {
  return versionedName(PREFIX, `${original.name}\n${way}`, original);
}
