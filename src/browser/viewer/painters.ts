import { blendImages, blendLabels, colourOf, type ColourLayer, type LabelLayer, type LightLayer, type Piece, type Rim } from './blend.js';
import type { LayerData } from './data.js';
import type { LayerState, ViewState } from './layer-state.js';
import type { Painter } from './painted-tiles.js';
import { rangeOf, TILE, tileGrid, type PageFacts, type PixelArray } from './pyramid.js';
import { strokeRuns, type ShapeLines } from './shape-lines.js';
import type { TilePlace, TileValues } from './tile-values.js';

/** What painters share. */
export interface Scene {
  layers: readonly LayerData[];
  state: ViewState;
  values: TileValues;
  lines: ShapeLines;
  /** The object that was picked: of which layer, and its number. */
  picked: { layer: number; label: number };
}

interface Shown {
  layer: LayerData;
  state: LayerState;
  index: number;
}

const STROKE = 1.6;

abstract class ScenePainter implements Painter {
  private readonly turns = new WeakMap<CanvasRenderingContext2D, number>();

  constructor(protected readonly scene: Scene) {}

  async paint(context: CanvasRenderingContext2D, place: TilePlace): Promise<void> {
    const turn = (this.turns.get(context) ?? 0) + 1;
    this.turns.set(context, turn);
    const draw = await this.prepare(context.canvas, place);
    if (this.turns.get(context) === turn) draw(context);
  }

  protected abstract prepare(size: HTMLCanvasElement, place: TilePlace): Promise<(context: CanvasRenderingContext2D) => void>;

  protected shown(...kinds: LayerData['kind'][]): Shown[] {
    const { layers, state } = this.scene;
    return layers
      .map((layer, index) => ({ layer, index, state: state.layers[index] }))
      .filter(({ layer, state }) => kinds.includes(layer.kind) && state.visible && state.opacity > 0);
  }

  protected async piece({ layer }: Shown, { width, height }: HTMLCanvasElement, place: TilePlace): Promise<[Piece, PageFacts] | null> {
    const { values, state } = this.scene;
    const [tile, facts] = await Promise.all([values.tile(layer, state.plane, place), values.facts(layer, state.plane)]);
    return tile && facts && [{ values: tile, samples: facts.samples, stride: TILE, width, height }, facts];
  }
}

/** Channels and pictures, in one. */
export class ImagePainter extends ScenePainter {
  protected async prepare(size: HTMLCanvasElement, place: TilePlace): Promise<(context: CanvasRenderingContext2D) => void> {
    const { width, height } = size;
    const shown = this.shown('light', 'colour');
    const pieces = await Promise.all(shown.map((one) => this.piece(one, size, place)));
    return (context) => {
      const layers = shown.flatMap((one, index) => {
        const piece = pieces[index];
        return piece ? [toLayer(one, ...piece)] : [];
      });
      const pixels = context.createImageData(width, height);
      blendImages(pixels.data, width, height, layers);
      context.putImageData(pixels, 0, 0);
    };
  }
}

function toLayer({ layer, state }: Shown, piece: Piece, facts: PageFacts): LightLayer | ColourLayer {
  if (layer.kind === 'colour') {
    return { ...piece, kind: 'colour', opacity: state.opacity, tint: state.colour === '' ? null : colourOf(state.colour) };
  }
  const { low: dark, high: bright } = rangeOf(facts, layer.sample) ?? { low: 0, high: 1 };
  const [low, high] = state.range ?? [dark, bright];
  return { ...piece, kind: 'light', sample: layer.sample, low, high, opacity: state.opacity, colour: colourOf(state.colour) };
}

/** Masks, each number in its colour. */
export class LabelPainter extends ScenePainter {
  /** Of each canvas, what tells whether a tile has come that it was painted without and that lies beside it. */
  private readonly missing = new WeakMap<CanvasRenderingContext2D, (() => boolean)[]>();

  isOutdated(context: CanvasRenderingContext2D): boolean {
    return (this.missing.get(context) ?? []).some((hasCome) => hasCome());
  }

  protected async prepare(size: HTMLCanvasElement, place: TilePlace): Promise<(context: CanvasRenderingContext2D) => void> {
    const { width, height } = size;
    const shown = this.shown('labels');
    const pieces = await Promise.all(shown.map((one) => this.piece(one, size, place)));
    return (context) => {
      const missing: (() => boolean)[] = [];
      const rims = shown.map((one, at) => (one.state.outline ? this.rim(one, place, pieces[at]?.[1], missing) : undefined));
      this.missing.set(context, missing);
      const layers = shown.flatMap(({ state, index }, at): LabelLayer[] => {
        const piece = pieces[at]?.[0];
        const { picked } = this.scene;
        const common = { opacity: state.opacity, outline: state.outline, colour: state.colour === '' ? null : colourOf(state.colour) };
        return piece ? [{ ...piece, ...common, kind: 'labels', picked: picked.layer === index ? picked.label : 0, rim: rims[at] }] : [];
      });
      const pixels = context.createImageData(width, height);
      if (layers.length > 0) blendLabels(pixels.data, width, height, layers);
      context.putImageData(pixels, 0, 0);
    };
  }

  /**
   * What touches a tile: without it the outline of an object that ends at the edge of a tile would be open there. Only tiles that are here
   * are looked at, for the others may never be seen. @param missing is told of these.
   */
  private rim({ layer }: Shown, { level, x, y }: TilePlace, facts: PageFacts | undefined, missing: (() => boolean)[]): Rim | undefined {
    if (!facts) return undefined;
    const { values, state } = this.scene;
    const { plane } = state;
    const { columns, rows } = tileGrid(facts, level);
    const beside = (column: number, row: number, first: number, step: number): PixelArray | null => {
      if (column < 0 || row < 0 || column >= columns || row >= rows) return null;
      const find = (): PixelArray | null => values.arrived(layer, plane, { level, x: column, y: row });
      const tile = find();
      if (!tile) missing.push(() => find() !== null);
      return tile && lineOf(tile, facts.samples, first, step);
    };
    const last = TILE - 1;
    return {
      left: beside(x - 1, y, last, TILE),
      right: beside(x + 1, y, 0, TILE),
      above: beside(x, y - 1, last * TILE, 1),
      below: beside(x, y + 1, 0, 1),
    };
  }
}

/** One row or column of a tile: its first pixel, and the pixels from each to the next. */
function lineOf(tile: PixelArray, samples: number, first: number, step: number): PixelArray {
  const line = new (tile.constructor as new (length: number) => PixelArray)(TILE);
  for (let at = 0; at < TILE; at++) line[at] = tile[(first + at * step) * samples];
  return line;
}

/** Outlines of shapes, as lines that stay sharp however near one goes. */
export class ShapePainter extends ScenePainter {
  protected async prepare(_size: HTMLCanvasElement, place: TilePlace): Promise<(context: CanvasRenderingContext2D) => void> {
    const shown = this.shown('shapes');
    const finer = Math.max(0, -place.level);
    const coarse = { level: Math.max(0, place.level), x: place.x >> finer, y: place.y >> finer };
    const corner = { x: (place.x - (coarse.x << finer)) * TILE, y: (place.y - (coarse.y << finer)) * TILE };
    const lines = await Promise.all(shown.map(({ layer }) => this.scene.lines.tile(layer, coarse)));
    return (context) => {
      context.clearRect(0, 0, context.canvas.width, context.canvas.height);
      shown.forEach(({ state }, index) => {
        const runs = lines[index];
        if (!runs) return;
        context.globalAlpha = state.opacity;
        context.strokeStyle = state.colour;
        context.lineWidth = STROKE;
        context.lineJoin = 'round';
        strokeRuns(context, runs, 2 ** finer, corner);
      });
    };
  }
}
