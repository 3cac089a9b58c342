const STEPS = [1, 2, 5];
const LONGEST = 140;

/** A length that is a round number and fits. @param perUnit pixels of the screen for a pixel of the image, or a micrometre. */
export function roundLength(perUnit: number): number {
  const most = LONGEST / perUnit;
  const power = 10 ** Math.floor(Math.log10(most));
  return power * (STEPS.filter((step) => step * power <= most).at(-1) ?? 1);
}

/** @param pixelSize micrometres of a pixel; null: the bar counts pixels. @param zoom pixels of the screen for one of the image. */
export function drawScale(bar: HTMLElement, pixelSize: number | null, zoom: number): void {
  const perUnit = pixelSize === null ? zoom : zoom / pixelSize;
  const length = roundLength(perUnit);
  bar.style.width = `${(length * perUnit).toFixed(1)}px`;
  bar.textContent = pixelSize === null ? `${length} px` : lengthInWords(length);
}

function lengthInWords(micrometres: number): string {
  if (micrometres >= 1000) return `${micrometres / 1000} mm`;
  return micrometres >= 1 ? `${micrometres} µm` : `${Number((micrometres * 1000).toPrecision(3))} nm`;
}
