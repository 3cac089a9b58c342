import type { Tile, TileJob } from '../openseadragon.js';
import type { TilePlace } from './tile-values.js';
import { levelCount, levelSize, TILE } from './pyramid.js';

interface Painted {
  place: TilePlace;
  context: CanvasRenderingContext2D;
}

export interface Painter {
  /** Fetches what is needed and paints; a call that comes later wins. */
  paint(context: CanvasRenderingContext2D, place: TilePlace): Promise<void>;
  /** Whether it would be painted otherwise by now, because of what other tiles have brought. */
  isOutdated?(context: CanvasRenderingContext2D): boolean;
}

/**
 * Tiles for OpenSeadragon that we paint ourselves, and paint anew in place when something changes: no tile is fetched twice, and the
 * stage never goes blank.
 */
export class PaintedTiles {
  private readonly painted = new Map<string, Painted>();
  private readonly levels: number;
  private turn = 0;
  /** Is called when tiles that are seen were painted anew because of others. */
  whenRenewed: (() => void) | undefined;

  /** @param finer how many levels there are beyond the pixels of the image, for what is drawn by lines. */
  constructor(
    private readonly name: string,
    private readonly size: { width: number; height: number },
    private readonly painter: Painter,
    private readonly finer = 0,
  ) {
    this.levels = levelCount(size.width, size.height) + finer;
  }

  /** For `addTiledImage`. */
  source(): Record<string, unknown> {
    const factor = 2 ** this.finer;
    return {
      width: this.size.width * factor,
      height: this.size.height * factor,
      tileSize: TILE,
      minLevel: 0,
      maxLevel: this.levels - 1,
      getTileUrl: (level: number, x: number, y: number) => `${this.name}/${level}/${x}/${y}`,
      downloadTileStart: (job: TileJob) => void this.start(job),
      downloadTileAbort: () => undefined,
    };
  }

  /** Paints all tiles again that are held; several calls at once are one. */
  async repaint(): Promise<void> {
    const turn = ++this.turn;
    await new Promise(requestAnimationFrame);
    if (turn !== this.turn) return;
    await Promise.all([...this.painted.values()].map(({ context, place }) => this.painter.paint(context, place)));
    await this.renew();
  }

  /** Paints those again that others have something for. */
  private async renew(): Promise<boolean> {
    const outdated = [...this.painted.values()].filter(({ context }) => this.painter.isOutdated?.(context));
    await Promise.all(outdated.map(({ context, place }) => this.painter.paint(context, place)));
    return outdated.length > 0;
  }

  forget({ level, x, y }: Tile): void {
    this.painted.delete(`${level}/${x}/${y}`);
  }

  private async start(job: TileJob): Promise<void> {
    const { level, x, y } = job.tile;
    // Levels beyond the image are negative.
    const place = { level: this.levels - 1 - level - this.finer, x, y };
    const { width, height } = levelSize(this.size, place.level);
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.min(TILE, width - x * TILE));
    canvas.height = Math.max(1, Math.min(TILE, height - y * TILE));
    const context = canvas.getContext('2d');
    if (!context) return job.fail('no canvas', null);
    await this.painter.paint(context, place);
    this.painted.set(`${level}/${x}/${y}`, { place, context });
    job.finish(context, null, 'context2d');
    if (await this.renew()) this.whenRenewed?.();
  }
}
