import { Injectable } from '@nestjs/common';
import type { OpenFile } from '../../common/files/safe-directory';
import { ImageTiles } from '../images/tiles/image-tiles';
import { findShape, readShapeEnd, readShapeTile, type FoundShape } from '../images/shapes/shape-file';
import { MadeFiles } from './made-files';
import type { Original, Shelf } from './shelf';

/** Shapes of GeoJSON files, cut into tiles once. */
@Injectable()
export class ShapeLayers {
  constructor(
    private readonly made: MadeFiles,
    private readonly tiles: ImageTiles,
  ) {}

  /** @param key see `readFeatures`. @returns null where there are none to be had. The caller closes it. */
  file(shelf: Shelf, original: Original, key: string): Promise<OpenFile | null> {
    return this.made.take(shelf, original, `shapes ${key}`, (output) =>
      this.tiles.run({ kind: 'shapes', key }, [original.handle.fd, output.fd]),
    );
  }

  /** Runs of lines as 16-bit numbers; null where there are no shapes to be had. */
  async tile(shelf: Shelf, original: Original, key: string, at: { level: number; column: number; row: number }): Promise<Buffer | null> {
    return this.read(shelf, original, key, (file, end) => readShapeTile(file.handle, end, at));
  }

  /** The smallest shape around a point of the image; null for none. */
  find(shelf: Shelf, original: Original, key: string, { x, y }: { x: number; y: number }): Promise<FoundShape | null> {
    return this.read(shelf, original, key, (file, end) => findShape(file.handle, end, x, y));
  }

  private async read<Result>(
    shelf: Shelf,
    original: Original,
    key: string,
    work: (file: OpenFile, end: NonNullable<Awaited<ReturnType<typeof readShapeEnd>>>) => Promise<Result>,
  ): Promise<Result | null> {
    const file = await this.file(shelf, original, key);
    if (!file) return null;
    try {
      const end = await readShapeEnd(file.handle, file.size);
      return end && (await work(file, end));
    } finally {
      await file.handle.close();
    }
  }
}
