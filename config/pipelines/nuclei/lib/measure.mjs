/**
 * Measures each nucleus.
 * @param {Int32Array} labels @param {Float32Array} pixels values of the image as they were read.
 * @returns {object[]} by label, from the first: centre (pixels from the top left corner, of the middle of the pixel), area (pixels),
 * diameter of a circle of that area, elongation (length over width of an ellipse with the same moments), intensities.
 */
export function measure(labels, pixels, width, count) {
  const sums = Array.from({ length: count }, () => ({
    area: 0,
    x: 0,
    y: 0,
    xx: 0,
    yy: 0,
    xy: 0,
    light: 0,
    most: Number.NEGATIVE_INFINITY,
  }));
  for (let at = 0; at < labels.length; at += 1) {
    if (labels[at] === 0) continue;
    const sum = sums[labels[at] - 1];
    const x = at % width;
    const y = (at - x) / width;
    sum.area += 1;
    sum.x += x;
    sum.y += y;
    sum.xx += x * x;
    sum.yy += y * y;
    sum.xy += x * y;
    sum.light += pixels[at];
    if (pixels[at] > sum.most) sum.most = pixels[at];
  }
  return sums.map((sum) => ({
    x: sum.x / sum.area,
    y: sum.y / sum.area,
    area: sum.area,
    diameter: 2 * Math.sqrt(sum.area / Math.PI),
    elongation: elongation(sum),
    meanIntensity: sum.light / sum.area,
    maxIntensity: sum.most,
    totalIntensity: sum.light,
  }));
}

function elongation({ area, x, y, xx, yy, xy }) {
  // A pixel is a square, not a point: it has moments of its own.
  const across = xx / area - (x / area) ** 2 + 1 / 12;
  const down = yy / area - (y / area) ** 2 + 1 / 12;
  const mixed = xy / area - (x / area) * (y / area);
  const root = Math.sqrt(((across - down) / 2) ** 2 + mixed ** 2);
  const middle = (across + down) / 2;
  return Math.sqrt((middle + root) / Math.max(1e-9, middle - root));
}
