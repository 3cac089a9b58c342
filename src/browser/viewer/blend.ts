/** How layers become colours: the same in the browser and for pictures that the server makes. Nothing is imported but types. */
import type { PixelArray } from './pyramid.js';

export type Colour = readonly [red: number, green: number, blue: number];

/** A part of an image: `values` has rows of `stride` pixels, of which `width` x `height` are painted. */
export interface Piece {
  values: PixelArray;
  samples: number;
  stride: number;
  width: number;
  height: number;
}

/** One sample, bright in one colour: such layers add up, as light does. */
export interface LightLayer extends Piece {
  kind: 'light';
  /** `BRIGHTEST`: the brightest of a pixel's red, green and blue. */
  sample: number;
  low: number;
  high: number;
  colour: Colour;
  opacity: number;
}

/** Red, green, blue and perhaps alpha of 8 bits: it covers what is below. */
export interface ColourLayer extends Piece {
  kind: 'colour';
  opacity: number;
  /** What its white becomes; null: all stays as it is. */
  tint: Colour | null;
}

/** Numbers of objects; 0 is none. */
export interface LabelLayer extends Piece {
  kind: 'labels';
  opacity: number;
  /** Paints only pixels beside another number. */
  outline: boolean;
  /** Of all objects; null: each has its own. */
  colour: Colour | null;
  /** The number of the object that was picked, painted white; 0 for none. */
  picked: number;
  /** What lies beyond the edges of the piece; absent: the image ends there. */
  rim?: Rim;
}

/** The pixels beside each edge of a piece, from left to right or from top to bottom; null where the image ends. */
export interface Rim {
  left: PixelArray | null;
  right: PixelArray | null;
  above: PixelArray | null;
  below: PixelArray | null;
}

/** In the place of a sample. */
export const BRIGHTEST = -1;

const WHITE: Colour = [255, 255, 255];
const STEPS = 256;
const COLOURS_OF_PIXEL = 3;

/** @param target red, green, blue, alpha of `width` x `height` pixels; black at first. */
export function blendImages(target: Uint8ClampedArray, width: number, height: number, layers: readonly (LightLayer | ColourLayer)[]): void {
  for (let index = 0; index < width * height; index++) {
    target[index * 4] = target[index * 4 + 1] = target[index * 4 + 2] = 0;
    target[index * 4 + 3] = 255;
  }
  for (const layer of layers) {
    if (layer.kind === 'light') addLight(target, width, height, layer);
    else cover(target, width, height, layer);
  }
}

function addLight(target: Uint8ClampedArray, width: number, height: number, asked: LightLayer): void {
  const layer = asked.sample === BRIGHTEST ? brightestOf(asked) : asked;
  const { values, samples, sample, stride, low, high, colour, opacity } = layer;
  const scale = STEPS / (high > low ? high - low : Number.EPSILON);
  const [red, green, blue] = colour.map((part) => (part * opacity) / (STEPS - 1));
  for (let y = 0; y < Math.min(height, layer.height); y++) {
    let from = y * stride * samples + sample;
    let to = y * width * 4;
    for (let x = 0; x < Math.min(width, layer.width); x++, from += samples, to += 4) {
      const bright = (values[from] - low) * scale;
      // What is no number stays dark.
      if (!(bright > 0)) continue;
      const step = bright < STEPS ? bright : STEPS - 1;
      target[to] += step * red;
      target[to + 1] += step * green;
      target[to + 2] += step * blue;
    }
  }
}

/** Of pictures in grey that were written in colours. */
function brightestOf(layer: LightLayer): LightLayer {
  const { values, samples } = layer;
  const brightest = new Uint8Array(values.length / samples);
  for (let at = 0; at < brightest.length; at++) {
    for (let part = 0; part < Math.min(samples, COLOURS_OF_PIXEL); part++) {
      if (values[at * samples + part] > brightest[at]) brightest[at] = values[at * samples + part];
    }
  }
  return { ...layer, values: brightest, samples: 1, sample: 0 };
}

function cover(target: Uint8ClampedArray, width: number, height: number, layer: ColourLayer): void {
  const { values, samples, stride, opacity, tint } = layer;
  const shares = (tint ?? WHITE).map((part) => part / 255);
  const hasAlpha = samples === 4;
  for (let y = 0; y < Math.min(height, layer.height); y++) {
    let from = y * stride * samples;
    let to = y * width * 4;
    for (let x = 0; x < Math.min(width, layer.width); x++, from += samples, to += 4) {
      const share = hasAlpha ? (values[from + 3] / 255) * opacity : opacity;
      if (share === 0) continue;
      for (let part = 0; part < 3; part++) target[to + part] += (values[from + part] * shares[part] - target[to + part]) * share;
    }
  }
}

/** @param target as in `blendImages`; transparent where no object is. Later layers lie above. */
export function blendLabels(target: Uint8ClampedArray, width: number, height: number, layers: readonly LabelLayer[]): void {
  target.fill(0);
  for (const layer of layers) paintLabels(target, width, height, layer);
}

function paintLabels(target: Uint8ClampedArray, width: number, height: number, layer: LabelLayer): void {
  const { values, samples, stride, outline, picked, opacity } = layer;
  const [right, down] = [Math.min(width, layer.width), Math.min(height, layer.height)];
  const alpha = Math.round(opacity * 255);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < right; x++) {
      const at = (y * stride + x) * samples;
      const label = values[at];
      if (!(label > 0)) continue;
      if (outline && label !== picked && isInside(layer, x, y, right, down)) continue;
      const [red, green, blue] = label === picked ? WHITE : (layer.colour ?? labelColour(label));
      mix(target, (y * width + x) * 4, red, green, blue, label === picked ? Math.max(alpha, PICKED_ALPHA) : alpha);
    }
  }
}

const PICKED_ALPHA = 170;

/** Whether all four neighbours belong to the same object; where the image ends is no border. */
function isInside({ values, samples, stride, rim }: LabelLayer, x: number, y: number, right: number, down: number): boolean {
  const at = (y * stride + x) * samples;
  const label = values[at];
  return (
    (x === 0 ? isSame(rim?.left, y, label) : values[at - samples] === label) &&
    (x === right - 1 ? isSame(rim?.right, y, label) : values[at + samples] === label) &&
    (y === 0 ? isSame(rim?.above, x, label) : values[at - stride * samples] === label) &&
    (y === down - 1 ? isSame(rim?.below, x, label) : values[at + stride * samples] === label)
  );
}

function isSame(edge: PixelArray | null | undefined, at: number, label: number): boolean {
  return !edge || edge[at] === label;
}

function mix(target: Uint8ClampedArray, to: number, red: number, green: number, blue: number, alpha: number): void {
  const below = (target[to + 3] * (255 - alpha)) / 255;
  const whole = alpha + below;
  if (whole === 0) return;
  target[to] = (red * alpha + target[to] * below) / whole;
  target[to + 1] = (green * alpha + target[to + 1] * below) / whole;
  target[to + 2] = (blue * alpha + target[to + 2] * below) / whole;
  target[to + 3] = whole;
}

const COLOURS = new Map<number, Colour>();
const MOST_COLOURS = 65_536;

/** Neighbouring numbers get distant hues. */
export function labelColour(label: number): Colour {
  const known = COLOURS.get(label);
  if (known) return known;
  if (COLOURS.size >= MOST_COLOURS) COLOURS.clear();
  const colour = hue((label * 0.618_034) % 1, 0.55 + 0.12 * (label % 3));
  COLOURS.set(label, colour);
  return colour;
}

function hue(turn: number, light: number): Colour {
  const part = (offset: number): number => {
    const at = (offset + turn * 12) % 12;
    return Math.round(255 * (light - 0.75 * Math.min(light, 1 - light) * Math.max(-1, Math.min(at - 3, 9 - at, 1))));
  };
  return [part(0), part(8), part(4)];
}

/** `#rrggbb`. @returns white for anything else. */
export function colourOf(code: string): Colour {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(code);
  return match ? [parseInt(match[1], 16), parseInt(match[2], 16), parseInt(match[3], 16)] : WHITE;
}
