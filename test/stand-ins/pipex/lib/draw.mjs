import { createRequire } from 'node:module';

const sharp = createRequire(import.meta.url)('sharp');

/** Whether a pixel of a cell lies beside another cell or none. */
function isEdge(labels, width, at) {
  const label = labels[at];
  return label !== 0 && [1, -1, width, -width].some((step) => (labels[at + step] ?? 0) !== label);
}

/** Outlines of the cells, green on nothing. */
export async function drawBoundaries(file, labels, width, height) {
  const pixels = Buffer.alloc(width * height * 4);
  for (let at = 0; at < labels.length; at += 1) if (isEdge(labels, width, at)) pixels.set([0, 255, 0, 255], at * 4);
  await sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toFile(file);
}

/** Yellow outlines on the image. */
export async function drawOver(file, { pixels, width, height }, labels) {
  const brightest = pixels.reduce((most, value) => Math.max(most, value), 1);
  const drawn = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at += 1) {
    const grey = Math.round((pixels[at] / brightest) * 255);
    drawn.set(isEdge(labels, width, at) ? [255, 255, 0] : [grey, grey, grey], at * 3);
  }
  await sharp(drawn, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toFile(file);
}

/** Points of cells in a colour each, as plots of PIPEX show them. */
export async function drawPoints(file, points, width, height) {
  const marks = points.map(({ x, y, colour }) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${marks}</svg>`;
  await sharp(Buffer.from(svg)).jpeg().toFile(file);
}

/** A grid of shades from 0 to 1. */
export async function drawGrid(file, rows) {
  const size = 24;
  const cells = rows.flatMap((row, y) =>
    row.map(
      (value, x) => `<rect x="${x * size}" y="${y * size}" width="${size}" height="${size}" fill="hsl(${240 - 240 * value} 70% 50%)"/>`,
    ),
  );
  const [width, height] = [rows[0].length * size, rows.length * size];
  await sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${cells.join('')}</svg>`))
    .jpeg()
    .toFile(file);
}

/** Grey values as a TIFF of bytes. */
export async function writeGrey(file, values, width, height) {
  await sharp(Buffer.from(values), { raw: { width, height, channels: 1 } })
    .tiff({ compression: 'none' })
    .toFile(file);
}
