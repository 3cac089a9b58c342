import type { LayerData } from './data.js';
import { encodeSource, type TilePlace } from './tile-values.js';

/** A shape that was found at a point. */
export interface FoundShape {
  label: string;
  lines: number[][];
}

/** Parts of a pixel of a level in the numbers of lines: `FINENESS` of the server. */
const FINENESS = 16;
const MOST_TILES = 600;

/** Lines of shapes, tile by tile. */
export class ShapeLines {
  private readonly held = new Map<string, Promise<Int16Array | null>>();

  constructor(private readonly address: string) {}

  tile(layer: LayerData, { level, x, y }: TilePlace): Promise<Int16Array | null> {
    const address = `${this.addressOf('lines', layer)}&level=${level}&x=${x}&y=${y}`;
    let lines = this.held.get(address);
    if (!lines) {
      lines = fetch(address).then(
        async (answer) => (answer.ok ? new Int16Array(await answer.arrayBuffer()) : null),
        () => null,
      );
      if (this.held.size >= MOST_TILES) this.held.delete(this.held.keys().next().value!);
      this.held.set(address, lines);
    }
    return lines;
  }

  async find(layer: LayerData, x: number, y: number): Promise<FoundShape | null> {
    const answer = await fetch(`${this.addressOf('shape', layer)}&x=${x.toFixed(2)}&y=${y.toFixed(2)}`);
    return answer.ok ? ((await answer.json()) as FoundShape | null) : null;
  }

  private addressOf(what: string, layer: LayerData): string {
    return `${this.address}/${what}/${encodeSource(layer.source)}?key=${encodeURIComponent(layer.key)}&v=${layer.version}`;
  }
}

/** Draws runs of `n, x, y, …`. @param scale pixels of the canvas in a pixel of the level. @param corner of the canvas in the tile. */
export function strokeRuns(context: CanvasRenderingContext2D, runs: Int16Array, scale: number, corner: { x: number; y: number }): void {
  const part = scale / FINENESS;
  context.beginPath();
  for (let at = 0; at < runs.length;) {
    const count = runs[at++];
    for (let point = 0; point < count; point++, at += 2) {
      const [x, y] = [runs[at] * part - corner.x, runs[at + 1] * part - corner.y];
      if (count === 1) context.rect(x, y, 0.5, 0.5);
      else if (point === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
  }
  context.stroke();
}
