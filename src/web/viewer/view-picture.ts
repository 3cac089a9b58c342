import { Injectable } from '@nestjs/common';
import type { OpenFile } from '../../common/files/safe-directory';
import type { Run } from '../../common/queue/run.entity';
import type { PictureLayer } from '../images/tiles/draw-picture';
import { ImageTiles } from '../images/tiles/image-tiles';
import { DerivedFiles } from './derived-files';
import { ImagePages } from './image-pages';
import { ImageSources, type SourceAddress } from './image-sources';
import { ShapeLayers } from './shape-layers';
import type { LayerData } from '../../browser/viewer/data';
import type { LayeredImage } from './view-layers';

/** Draws what the viewer shows at first into one picture. */
@Injectable()
export class ViewPicture {
  constructor(
    private readonly sources: ImageSources,
    private readonly pages: ImagePages,
    private readonly shapes: ShapeLayers,
    private readonly derived: DerivedFiles,
    private readonly tiles: ImageTiles,
  ) {}

  /** @returns a WebP, open; the caller closes it. Null when there is none to be had. */
  async draw(run: Run, { layers }: LayeredImage): Promise<OpenFile | null> {
    const visible = layers.filter((layer) => layer.visible);
    const [first] = visible;
    if (!first) return null;
    const original = await this.sources.open(run, addressOf(first));
    try {
      return await this.derived.take(run.id, original, `picture ${JSON.stringify(visible)}`, async (output) => {
        const opened = await Promise.all(visible.map((layer) => this.open(run, layer)));
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

  private async open(run: Run, layer: LayerData): Promise<OpenFile | null> {
    const original = await this.sources.open(run, addressOf(layer));
    try {
      if (layer.kind === 'shapes') return await this.shapes.file(run.id, original, layer.key);
      const draft = await this.pages.draft(run.id, original, { page: layer.pages[0] ?? 0, labels: layer.kind === 'labels' });
      return draft?.file ?? null;
    } finally {
      await original.handle.close();
    }
  }
}

function toPictureLayer({ kind, sample, colour, opacity, outline }: LayerData): PictureLayer {
  return { kind, sample, colour, opacity, outline, range: null };
}

function addressOf({ source }: LayerData): SourceAddress {
  const [kind, ...rest] = source.split('/');
  if (kind === 'results') return { kind, path: rest.join('/') };
  return { kind: 'inputs', parameter: rest[0] ?? '', index: Number(rest[1]) };
}
