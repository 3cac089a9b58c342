import { measure } from '../../../../config/pipelines/nuclei/lib/measure.mjs';

/** Columns of each marker beside its mean. */
export const SCORES = ['_local_90', '_ratio_pixels', '_otsu3', '_triangle_score', '_gmm_prob'];

/** Rows of `cell_data.csv`. A marker whose image another one took has zeros. */
export function cellsOf(labels, image, count, markers, measured) {
  const shapes = measure(labels, image.pixels, image.width, count);
  const values = markers.map((marker) => valuesOf(labels, measured.get(marker)?.pixels, count));
  return shapes.map((shape, index) => {
    const row = {
      cell_id: index + 1,
      size: shape.area,
      x: Math.floor(shape.x),
      y: Math.floor(shape.y),
      solidity: 1,
      eccentricity: 0,
      memref: 0,
    };
    markers.forEach((marker, at) => {
      const sorted = values[at][index + 1].sort((one, other) => one - other);
      const mean = sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length);
      const share = sorted.filter((value) => value > mean).length / Math.max(1, sorted.length);
      row[marker] = mean.toFixed(3);
      SCORES.forEach((score, which) => {
        row[marker + score] = which === 0 ? (sorted[Math.floor(sorted.length * 0.9)] ?? 0) : which === 1 ? share.toFixed(3) : 0;
      });
    });
    return row;
  });
}

function valuesOf(labels, pixels, count) {
  const values = Array.from({ length: count + 1 }, () => []);
  if (pixels) labels.forEach((label, at) => values[label].push(pixels[at]));
  return values;
}
