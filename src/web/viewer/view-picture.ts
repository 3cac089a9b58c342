import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { OpenFile } from '../../common/files/safe-directory';
import type { PictureLayer } from '../images/tiles/draw-picture';
import { ImageTiles } from '../images/tiles/image-tiles';
import { text } from '../../locales/text';
import { noPreviewImage } from '../images/no-preview-image';
import { sendFile } from '../show/file-response';
import { ImagePages } from './image-pages';
import { MadeFiles } from './made-files';
import { ShapeLayers } from './shape-layers';
import { parseSource, type Shelf } from './shelf';
import type { LayerData } from '../../browser/viewer/data';
import type { LayeredImage } from './view-layers';

/** Draws what the viewer shows at first into one picture. */
@Injectable()
export class ViewPicture {
  constructor(
    private readonly pages: ImagePages,
    private readonly shapes: ShapeLayers,
    private readonly made: MadeFiles,
    private readonly tiles: ImageTiles,
  ) {}

  /** @param name of the picture, without its ending. */
  async send(shelf: Shelf, image: LayeredImage | null, name: string, response: Response): Promise<void> {
    const file = image && (await this.draw(shelf, image));
    if (file) return sendFile(response, { file, name: `${name}.webp`, contentType: 'image/webp', inline: true });
    response
      .set('Cache-Control', 'private, no-cache')
      .type('image/svg+xml')
      .send(noPreviewImage(text('show.noPreview')));
  }

  /** @returns a WebP, open; the caller closes it. Null when there is none to be had. */
  private async draw(shelf: Shelf, { layers }: LayeredImage): Promise<OpenFile | null> {
    const visible = layers.filter((layer) => layer.visible);
    const [first] = visible;
    if (!first) return null;
    const original = await shelf.open(parseSource(first.source));
    try {
      return await this.made.take(shelf, original, `picture ${JSON.stringify(visible)}`, async (output) => {
        const opened = await Promise.all(visible.map((layer) => this.open(shelf, layer)));
        const shown = opened.flatMap((file, index) => (file ? [{ file, layer: visible[index] }] : []));
        try {
          if (shown.length === 0) return false;
          const handles = [output.fd, ...shown.map(({ file }) => file.handle.fd)];
          return await this.tiles.run({ kind: 'picture', layers: shown.map(({ layer }) => toPictureLayer(layer)) }, handles);
        } finally {
          for (const { file } of shown) await file.handle.close();
        }
      });
    } finally {
      await original.handle.close();
    }
  }

  private async open(shelf: Shelf, layer: LayerData): Promise<OpenFile | null> {
    const original = await shelf.open(parseSource(layer.source));
    try {
      if (layer.kind === 'shapes') return await this.shapes.file(shelf, original, layer.key);
      const draft = await this.pages.draft(shelf, original, { page: layer.pages[0] ?? 0, labels: layer.kind === 'labels' });
      return draft?.file ?? null;
    } finally {
      await original.handle.close();
    }
  }
}

function toPictureLayer({ kind, sample, colour, opacity, outline, range }: LayerData): PictureLayer {
  return { kind, sample, colour, opacity, outline, range };
}
