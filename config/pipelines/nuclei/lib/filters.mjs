/**
 * Gaussian blur, separable, mirrored at the edges.
 * @param {Float32Array} pixels @returns {Float32Array} a new image; the same one for sigma 0.
 */
export function blur(pixels, width, height, sigma) {
  if (sigma <= 0) return pixels;
  const kernel = gaussian(sigma);
  const rows = new Float32Array(pixels.length);
  const line = new Float32Array(width);
  const radius = kernel.length - 1;
  for (let y = 0; y < height; y += 1) {
    line.set(pixels.subarray(y * width, (y + 1) * width));
    for (let x = 0; x < width; x += 1) rows[y * width + x] = weigh(line, x, width, kernel, radius);
  }
  const blurred = new Float32Array(pixels.length);
  // Down the columns row by row: memory is read in its own order, which is several times as fast.
  for (let y = 0; y < height; y += 1) {
    const into = y * width;
    for (let x = 0; x < width; x += 1) blurred[into + x] = kernel[0] * rows[into + x];
    for (let step = 1; step <= radius; step += 1) {
      const above = mirrored(y - step, height) * width;
      const below = mirrored(y + step, height) * width;
      const weight = kernel[step];
      for (let x = 0; x < width; x += 1) blurred[into + x] += weight * (rows[above + x] + rows[below + x]);
    }
  }
  return blurred;
}

/** Half of the kernel, from its middle outwards; the whole sums up to 1. */
function gaussian(sigma) {
  const radius = Math.ceil(3 * sigma);
  const kernel = new Float32Array(radius + 1);
  let sum = 0;
  for (let step = 0; step <= radius; step += 1) {
    kernel[step] = Math.exp((-step * step) / (2 * sigma * sigma));
    sum += step === 0 ? kernel[step] : 2 * kernel[step];
  }
  return kernel.map((weight) => weight / sum);
}

function weigh(line, at, length, kernel, radius) {
  let sum = kernel[0] * line[at];
  if (at >= radius && at + radius < length) {
    for (let step = 1; step <= radius; step += 1) sum += kernel[step] * (line[at - step] + line[at + step]);
    return sum;
  }
  for (let step = 1; step <= radius; step += 1) {
    sum += kernel[step] * (line[mirrored(at - step, length)] + line[mirrored(at + step, length)]);
  }
  return sum;
}

function mirrored(at, length) {
  let place = at;
  while (place < 0 || place >= length) place = place < 0 ? -place - 1 : 2 * length - place - 1;
  return place;
}

/**
 * Takes away light that is uneven over areas larger than `scale`: the image is divided into squares, a dark value of each square stands
 * for its background, the darkest of neighbouring squares wins (a square may be full of nuclei), and what lies between is interpolated.
 * @returns {Float32Array} a new image without negative values.
 */
export function removeBackground(pixels, width, height, scale) {
  if (scale <= 0) return pixels;
  const columns = Math.max(1, Math.round(width / scale));
  const rows = Math.max(1, Math.round(height / scale));
  const dark = darkest(darkValues(pixels, width, height, columns, rows), columns, rows);
  const places = Array.from({ length: width }, (_, x) => between(((x + 0.5) * columns) / width - 0.5, columns));
  const flat = new Float32Array(pixels.length);
  const ground = new Float32Array(columns);
  for (let y = 0; y < height; y += 1) {
    const [top, bottom, down] = between(((y + 0.5) * rows) / height - 0.5, rows);
    for (let at = 0; at < columns; at += 1) ground[at] = dark[top * columns + at] * (1 - down) + dark[bottom * columns + at] * down;
    for (let x = 0; x < width; x += 1) {
      const [left, right, across] = places[x];
      flat[y * width + x] = Math.max(0, pixels[y * width + x] - ground[left] * (1 - across) - ground[right] * across);
    }
  }
  return flat;
}

const MOST_SAMPLES = 2500;

/** The value below which a tenth of each square lies, as far as some of its pixels tell. */
function darkValues(pixels, width, height, columns, rows) {
  const dark = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [fromX, toX] = [Math.floor((column * width) / columns), Math.floor(((column + 1) * width) / columns)];
      const [fromY, toY] = [Math.floor((row * height) / rows), Math.floor(((row + 1) * height) / rows)];
      const stride = Math.max(1, Math.ceil(Math.sqrt(((toX - fromX) * (toY - fromY)) / MOST_SAMPLES)));
      const values = [];
      for (let y = fromY; y < toY; y += stride) for (let x = fromX; x < toX; x += stride) values.push(pixels[y * width + x]);
      dark[row * columns + column] = Float32Array.from(values).sort()[Math.floor(values.length / 10)];
    }
  }
  return dark;
}

function darkest(values, columns, rows) {
  return values.map((_, at) => {
    const [x, y] = [at % columns, Math.floor(at / columns)];
    let least = Number.POSITIVE_INFINITY;
    for (let row = Math.max(0, y - 1); row <= Math.min(rows - 1, y + 1); row += 1) {
      for (let column = Math.max(0, x - 1); column <= Math.min(columns - 1, x + 1); column += 1) {
        least = Math.min(least, values[row * columns + column]);
      }
    }
    return least;
  });
}

/** The two whole places around a position, and how far it is on its way from the one to the other. */
function between(position, count) {
  const held = Math.min(count - 1, Math.max(0, position));
  const first = Math.floor(held);
  return [first, Math.min(count - 1, first + 1), held - first];
}
