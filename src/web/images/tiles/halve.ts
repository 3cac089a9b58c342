import type { PixelArray } from '../../../browser/viewer/pyramid';

export interface Grid {
  values: PixelArray;
  width: number;
  height: number;
  /** Pixels from row to row; absent: `width`. */
  stride?: number;
}

/**
 * An image of half the edges, rounded up: the mean of what is a number in each four, or one of them for numbers of objects.
 * @param samples values of a pixel, side by side.
 */
export function halve(image: Grid, samples: number, labels: boolean): { values: PixelArray; width: number; height: number } {
  const [width, height] = [Math.ceil(image.width / 2), Math.ceil(image.height / 2)];
  const values = new (image.values.constructor as new (length: number) => PixelArray)(width * height * samples);
  if (labels) pickOne(image, samples, values, width);
  else if (image.values instanceof Float32Array) meanOfNumbers(image, samples, values, width);
  else meanOfWhole(image, samples, values, width);
  return { values, width, height };
}

function pickOne({ values, width, height, stride = width }: Grid, samples: number, target: PixelArray, across: number): void {
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const from = (y * stride + x) * samples;
      const to = ((y / 2) * across + x / 2) * samples;
      for (let sample = 0; sample < samples; sample++) target[to + sample] = values[from + sample];
    }
  }
}

function meanOfWhole({ values, width, height, stride = width }: Grid, samples: number, target: PixelArray, across: number): void {
  for (let y = 0; y < height; y += 2) {
    const down = y + 1 < height ? stride * samples : 0;
    for (let x = 0; x < width; x += 2) {
      const right = x + 1 < width ? samples : 0;
      let from = (y * stride + x) * samples;
      let to = ((y / 2) * across + x / 2) * samples;
      for (const end = to + samples; to < end; to++, from++) {
        target[to] = Math.round((values[from] + values[from + right] + values[from + down] + values[from + down + right]) / 4);
      }
    }
  }
}

function meanOfNumbers({ values, width, height, stride = width }: Grid, samples: number, target: PixelArray, across: number): void {
  for (let y = 0; y < height; y += 2) {
    const down = y + 1 < height ? stride * samples : 0;
    for (let x = 0; x < width; x += 2) {
      const right = x + 1 < width ? samples : 0;
      for (let sample = 0; sample < samples; sample++) {
        const from = (y * stride + x) * samples + sample;
        let sum = 0;
        let count = 0;
        for (const step of [0, right, down, down + right]) {
          const value = values[from + step];
          if (!Number.isFinite(value)) continue;
          sum += value;
          count += 1;
        }
        target[((y / 2) * across + x / 2) * samples + sample] = count === 0 ? NaN : sum / count;
      }
    }
  }
}
