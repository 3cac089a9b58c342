import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { bytesPerTile, tileGrid, type PageFacts } from '../../browser/viewer/pyramid';
import { UnavailableError } from '../../common/errors';
import { freeSpace } from '../../common/files/free-space';
import type { OpenFile } from '../../common/files/safe-directory';
import type { ImageFacts } from '../images/tiles/image-facts';
import { ImageTiles } from '../images/tiles/image-tiles';
import { FIRST_TILE, readEnd, tileOffset, type TileFileEnd } from '../images/tiles/tile-file';
import { MadeFiles } from './made-files';
import type { Original, Shelf, SourceAddress } from './shelf';

/** A page of an image, in one of the two ways in which levels are made. */
export interface PageKey {
  page: number;
  labels: boolean;
}

export interface TilePlace extends PageKey {
  level: number;
  column: number;
  row: number;
}

/** Raw values; `isDraft` where better ones will come. Null: there is no such tile. `later`: it is not made yet. */
export type TileAnswer = { bytes: Buffer; isDraft: boolean } | 'later' | null;

const PATIENCE_MS = 4000;
const LOOK_EVERY_MS = 40;
/** Left free on the disk of what is made. */
const SPARE_BYTES = 2_000_000_000;
const LARGER = 1.4;
const SECONDS = { draft: 110, pyramid: 800 };

/** Pages of images as tiles: first a quick look at the upper levels, in the background all of them. */
@Injectable()
export class ImagePages {
  constructor(
    private readonly made: MadeFiles,
    private readonly tiles: ImageTiles,
  ) {}

  /** What the image is; null when it cannot be shown. */
  async describe(shelf: Shelf, original: Original): Promise<ImageFacts | null> {
    const file = await this.made.take(shelf, original, 'facts', (output) =>
      this.tiles.run({ kind: 'describe' }, [original.handle.fd, output.fd]),
    );
    if (!file) return null;
    try {
      return JSON.parse((await readAll(file)).toString()) as ImageFacts;
    } finally {
      await file.handle.close();
    }
  }

  /** What a first look at a page tells; null when there is nothing to be had. */
  async facts(shelf: Shelf, original: Original, key: PageKey): Promise<PageFacts | null> {
    const draft = await this.draft(shelf, original, key);
    if (!draft) return null;
    await draft.file.handle.close();
    return draft.end.facts;
  }

  /** The upper levels of a page; the caller closes the file. */
  async draft(shelf: Shelf, original: Original, key: PageKey): Promise<{ file: OpenFile; end: TileFileEnd } | null> {
    const { page, labels } = key;
    const file = await this.made.take(shelf, original, wayOf('draft', key), (output) =>
      this.tiles.run({ kind: 'draft', page, labels, seconds: SECONDS.draft }, [original.handle.fd, output.fd]),
    );
    return file && withEnd(file);
  }

  /** All levels of a page; undefined while they are being made, from now on; null where they cannot be. The caller closes the file. */
  async whole(
    shelf: Shelf,
    original: Original,
    key: PageKey,
    { facts, address }: { facts: PageFacts; address: SourceAddress },
  ): Promise<{ file: OpenFile; end: TileFileEnd } | null | undefined> {
    const file = await this.made.find(shelf, original, wayOf('pyramid', key));
    if (file === undefined) this.prepare(shelf, original, key, { facts, address });
    return file && withEnd(file);
  }

  /** @param address of the original, which is opened anew for the background: that outlives this request. */
  async tile(shelf: Shelf, address: SourceAddress, original: Original, place: TilePlace): Promise<TileAnswer> {
    const whole = await this.made.find(shelf, original, wayOf('pyramid', place));
    if (whole) return readTile(await withEnd(whole), place, false);
    const draft = await this.draft(shelf, original, place);
    if (!draft) return null;
    const { facts, levels } = draft.end;
    const isSmall = levels.some(({ level }) => level === 0);
    if (!isSmall && whole === undefined) this.prepare(shelf, original, place, { facts, address });
    const fromDraft = await readTile(draft, place, !isSmall && whole === undefined);
    if (fromDraft !== null || isSmall || whole === null) return fromDraft;
    return tileOffset({ facts, levels: [{ level: place.level, offset: 0 }] }, place.level, place.column, place.row) === null
      ? null
      : this.fromGrowing(shelf, original, place, facts);
  }

  private prepare(shelf: Shelf, original: Original, key: PageKey, { facts, address }: { facts: PageFacts; address: SourceAddress }): void {
    const { page, labels } = key;
    const make = async (output: FileHandle): Promise<boolean> => {
      const { columns, rows } = tileGrid(facts, 0);
      if ((await freeSpace(shelf.root)) < columns * rows * bytesPerTile(facts) * LARGER + SPARE_BYTES)
        throw new UnavailableError('viewer.diskFull');
      const again = await shelf.open(address);
      const draft = await this.draft(shelf, again, key);
      try {
        if (!draft) return false;
        const handles = [again.handle.fd, output.fd, draft.file.handle.fd];
        return await this.tiles.run({ kind: 'pyramid', page, labels, seconds: SECONDS.pyramid }, handles);
      } finally {
        await again.handle.close();
        await draft?.file.handle.close();
      }
    };
    // Whoever asks for a tile sees the draft meanwhile; a failure leaves it at that.
    this.made.start(shelf, original, wayOf('pyramid', key), make).catch(() => undefined);
  }

  /** Tiles of the page itself are there before the rest is made. */
  private async fromGrowing(shelf: Shelf, original: Original, place: TilePlace, facts: PageFacts): Promise<TileAnswer> {
    const way = wayOf('pyramid', place);
    const size = bytesPerTile(facts);
    const offset = tileOffset({ facts, levels: [{ level: 0, offset: FIRST_TILE }] }, place.level, place.column, place.row);
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(LOOK_EVERY_MS)) {
      const whole = await this.made.find(shelf, original, way);
      if (whole) return readTile(await withEnd(whole), place, false);
      if (whole === null) return null;
      const growing = offset === null ? null : await this.made.growing(shelf, original, way);
      if (!growing) continue;
      try {
        // The last bytes written may still wait in the program.
        if (growing.size >= (offset ?? 0) + size * 2) return { bytes: await readBytes(growing.handle, offset ?? 0, size), isDraft: false };
      } finally {
        await growing.handle.close();
      }
    }
    return 'later';
  }
}

function wayOf(kind: string, { page, labels }: PageKey): string {
  return `${kind} ${page} ${labels}`;
}

async function withEnd(file: OpenFile): Promise<{ file: OpenFile; end: TileFileEnd }> {
  try {
    const end = await readEnd(file.handle, file.size);
    if (end) return { file, end };
    throw new Error('a file of tiles is not whole');
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

/** Closes the file. */
async function readTile(
  { file, end }: { file: OpenFile; end: TileFileEnd },
  { level, column, row }: TilePlace,
  isDraft: boolean,
): Promise<{ bytes: Buffer; isDraft: boolean } | null> {
  try {
    const offset = tileOffset(end, level, column, row);
    return offset === null ? null : { bytes: await readBytes(file.handle, offset, bytesPerTile(end.facts)), isDraft };
  } finally {
    await file.handle.close();
  }
}

async function readAll({ handle, size }: OpenFile): Promise<Buffer> {
  return readBytes(handle, 0, size);
}

async function readBytes(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let count = 0; count < length;) {
    const { bytesRead } = await handle.read(bytes, count, length - count, at + count);
    if (bytesRead === 0) throw new Error('a file of tiles is cut off');
    count += bytesRead;
  }
  return bytes;
}
