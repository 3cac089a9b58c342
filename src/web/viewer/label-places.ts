import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/errors';
import type { OpenFile } from '../../common/files/safe-directory';
import { ImageTiles } from '../images/tiles/image-tiles';
import { findBox, type LabelBox } from '../images/tiles/label-boxes';
import { ImagePages } from './image-pages';
import { MadeFiles } from './made-files';
import type { Original, Shelf, SourceAddress } from './shelf';

/** The middle of an object in pixels of the image, and how far it reaches. */
export interface LabelPlace {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Finds objects of masks by their numbers: where all of them lie is read once, by a program. */
@Injectable()
export class LabelPlaces {
  constructor(
    private readonly pages: ImagePages,
    private readonly made: MadeFiles,
    private readonly tiles: ImageTiles,
  ) {}

  /**
   * @returns null when the mask has no such object; `later` while only a first look at it is there, which does not show the object.
   * @throws NotFoundError where its objects cannot be told.
   */
  async find(
    shelf: Shelf,
    address: SourceAddress,
    original: Original,
    { page, label }: { page: number; label: number },
  ): Promise<LabelPlace | 'later' | null> {
    const key = { page, labels: true };
    const draft = await this.pages.draft(shelf, original, key);
    if (!draft) throw new NotFoundError('errors.notFound');
    const { facts, levels } = draft.end;
    const level = Math.min(...levels.map((one) => one.level));
    const box = await this.findIn(shelf, original, `boxes draft ${page}`, draft.file, label);
    if (box || level === 0) return box && toPlace(box, 2 ** level);
    // A first look may pass over what is smaller than its pixels.
    const whole = await this.pages.whole(shelf, original, key, { facts, address });
    if (whole === undefined) return 'later';
    if (!whole) throw new NotFoundError('errors.notFound');
    const exact = await this.findIn(shelf, original, `boxes pyramid ${page}`, whole.file, label);
    return exact && toPlace(exact, 1);
  }

  /** @param tiles are closed. */
  private async findIn(shelf: Shelf, original: Original, way: string, tiles: OpenFile, label: number): Promise<LabelBox | null> {
    try {
      const file = await this.made.take(shelf, original, way, (output) => this.tiles.run({ kind: 'boxes' }, [tiles.handle.fd, output.fd]));
      if (!file) throw new NotFoundError('errors.notFound');
      return await findBox(file, label).finally(() => file.handle.close());
    } finally {
      await tiles.handle.close();
    }
  }
}

function toPlace({ left, top, right, bottom }: LabelBox, scale: number): LabelPlace {
  const [width, height] = [(right - left + 1) * scale, (bottom - top + 1) * scale];
  return { x: left * scale + width / 2, y: top * scale + height / 2, width, height };
}
