import { createRequire } from 'node:module';
import { lettering } from './lettering.mjs';

const WIDTH = 900;
const HEIGHT = 520;
const PLOT = { left: 78, right: 852, top: 56, bottom: 448 };
const INK = '#26242f';
const SOFT = '#6b6878';
const LINE = '#dedce6';
const BAR = '#5541cc';

/**
 * Draws how large the nuclei are. Letters are lines of our own, because a server may have no fonts; the ground is opaque, so that the
 * picture reads the same on light and dark pages.
 * @param {string} file PNG to write. @param {number[]} areas
 */
export async function drawAreas(file, areas) {
  const sharp = createRequire(import.meta.url)('sharp');
  await sharp(Buffer.from(areasSvg(areas)))
    .png()
    .toFile(file);
}

function areasSvg(areas) {
  const { step, counts } = bins(areas);
  const highest = Math.max(...counts, 1);
  const rise = niceStep(highest / 5, true);
  const top = Math.ceil(highest / rise) * rise;
  const x = (area) => PLOT.left + ((PLOT.right - PLOT.left) * area) / (step * counts.length);
  const y = (count) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * count) / top;
  const parts = [`<rect width="${WIDTH}" height="${HEIGHT}" fill="#fcfbfd"/>`];
  for (let count = 0; count <= top; count += rise) {
    parts.push(`<path d="M${PLOT.left} ${y(count)}H${PLOT.right}" stroke="${count === 0 ? SOFT : LINE}" stroke-width="1"/>`);
    parts.push(lettering(String(count), PLOT.left - 12, y(count) + 6, { size: 13, anchor: 'end', colour: SOFT }));
  }
  counts.forEach((count, index) => {
    if (count === 0) return;
    const [from, to] = [x(index * step) + 1, x((index + 1) * step) - 1];
    parts.push(`<path d="M${from} ${PLOT.bottom}V${y(count)}H${to}V${PLOT.bottom}Z" fill="${BAR}"/>`);
  });
  const every = Math.ceil(counts.length / 8);
  for (let index = 0; index <= counts.length; index += every) {
    parts.push(`<path d="M${x(index * step)} ${PLOT.bottom}v6" stroke="${SOFT}" stroke-width="1"/>`);
    parts.push(lettering(plainNumber(index * step), x(index * step), PLOT.bottom + 26, { size: 13, anchor: 'middle', colour: SOFT }));
  }
  const middle = median(areas);
  parts.push(`<path d="M${x(middle)} ${PLOT.top}V${PLOT.bottom}" stroke="${INK}" stroke-width="1.5" stroke-dasharray="5 4"/>`);
  const isRight = x(middle) > (PLOT.left + PLOT.right) / 2;
  const note = { size: 13, anchor: isRight ? 'end' : 'start', colour: INK };
  parts.push(lettering(`median ${plainNumber(Math.round(middle))}`, x(middle) + (isRight ? -8 : 8), PLOT.top + 12, note));
  parts.push(lettering('number of nuclei', PLOT.left - 52, 32, { size: 14, anchor: 'start', colour: INK }));
  parts.push(lettering('area in pixels', PLOT.right, HEIGHT - 22, { size: 14, anchor: 'end', colour: INK }));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${parts.join('')}</svg>`;
}

/** Bars of a round width, about as many as the number of nuclei can fill. */
function bins(areas) {
  const sorted = [...areas].sort((one, other) => one - other);
  const most = sorted.at(-1) ?? 1;
  const wanted = Math.max(8, Math.min(40, Math.ceil(3.5 * Math.cbrt(areas.length))));
  const step = niceStep(most / wanted, true);
  const counts = Array.from({ length: Math.floor(most / step) + 1 }, () => 0);
  for (const area of areas) counts[Math.floor(area / step)] += 1;
  return { step, counts };
}

/** The next of 1, 2, 5, 10, 20, 50 … */
function niceStep(value, whole) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, whole ? 1 : 1e-9)));
  return [1, 2, 5, 10].map((digit) => digit * power).find((candidate) => candidate >= value) ?? 10 * power;
}

function median(areas) {
  const sorted = [...areas].sort((one, other) => one - other);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

function plainNumber(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}
