import { FINENESS } from './cut-lines';

type Paint = [red: number, green: number, blue: number, alpha: number];

/** Draws runs of a tile as lines of one pixel. @param corner of the tile in the picture. */
export function drawRuns(
  runs: Int16Array,
  corner: { left: number; top: number },
  target: { pixels: Uint8ClampedArray; width: number; height: number },
  paint: Paint,
): void {
  const place = (at: number): [number, number] => [
    Math.round(corner.left + runs[at] / FINENESS),
    Math.round(corner.top + runs[at + 1] / FINENESS),
  ];
  for (let at = 0; at < runs.length;) {
    const count = runs[at++];
    if (count === 1) drawLine(target, place(at), place(at), paint);
    for (let point = 1; point < count; point++) drawLine(target, place(at + point * 2 - 2), place(at + point * 2), paint);
    at += count * 2;
  }
}

function drawLine(
  { pixels, width, height }: { pixels: Uint8ClampedArray; width: number; height: number },
  [fromX, fromY]: [number, number],
  [toX, toY]: [number, number],
  paint: Paint,
): void {
  const steps = Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY), 1);
  for (let step = 0; step <= steps; step++) {
    const x = Math.round(fromX + ((toX - fromX) * step) / steps);
    const y = Math.round(fromY + ((toY - fromY) * step) / steps);
    if (x >= 0 && y >= 0 && x < width && y < height) pixels.set(paint, (y * width + x) * 4);
  }
}
