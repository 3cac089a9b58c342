import { blur } from './filters.mjs';

const WIDTH = 800;
const HEIGHT = 600;
const NUCLEI = 260;
/** Share of nuclei that touch another. */
const PAIRED = 0.3;
const DARK = 420;
const FULL = 3900;

/**
 * A picture of nuclei, the same for the same seed.
 * @param {number} seed whole number.
 * @returns {{ pixels: Uint16Array, width: number, height: number, count: number }} count is the number of nuclei drawn.
 */
export function drawTissue(seed) {
  const random = randomNumbers(seed);
  const nuclei = placeNuclei(random);
  const light = new Float32Array(WIDTH * HEIGHT);
  for (const nucleus of nuclei) drawNucleus(light, nucleus, random);
  const texture = blur(
    Float32Array.from(light, () => random() - 0.5),
    WIDTH,
    HEIGHT,
    2.5,
  );
  const image = blur(
    light.map((value, at) => value * Math.max(0.4, 1 + 3.5 * texture[at])),
    WIDTH,
    HEIGHT,
    1.1,
  );
  const haze = blur(light, WIDTH, HEIGHT, 14);
  const pixels = new Uint16Array(WIDTH * HEIGHT);
  for (let at = 0; at < pixels.length; at += 1) {
    const [x, y] = [(at % WIDTH) / WIDTH, Math.floor(at / WIDTH) / HEIGHT];
    const ground = DARK * (0.6 + 0.8 * x + 0.4 * y);
    const value = ground + FULL * image[at] + 0.12 * FULL * haze[at];
    // Shot noise grows with the root of the light, the noise of reading does not.
    pixels[at] = Math.max(0, Math.min(65_535, Math.round(value + gaussian(random) * (18 + 0.9 * Math.sqrt(value)))));
  }
  return { pixels, width: WIDTH, height: HEIGHT, count: nuclei.length };
}

/** Centres that keep their distance, but for pairs that touch by intent. */
function placeNuclei(random) {
  const nuclei = [];
  for (let tries = 0; nuclei.length < NUCLEI && tries < 40_000; tries += 1) {
    const nucleus = { ...shape(random), x: 14 + random() * (WIDTH - 28), y: 14 + random() * (HEIGHT - 28) };
    // Tissue has lumens: places without cells.
    if (isLumen(nucleus.x, nucleus.y) || !isFree(nucleus, nuclei, 3)) continue;
    nuclei.push(nucleus);
    if (nuclei.length < NUCLEI && random() < PAIRED / (2 - PAIRED)) addPartner(nucleus, nuclei, random);
  }
  return nuclei;
}

function shape(random) {
  const long = 8 + 4 * random();
  return { long, short: long * (0.65 + 0.3 * random()), angle: Math.PI * random(), light: 0.35 + 0.65 * random() };
}

function isLumen(x, y) {
  return Math.hypot((x - 590) / 150, (y - 190) / 95) < 1 || Math.hypot((x - 170) / 70, (y - 440) / 80) < 1;
}

function isFree({ x, y, long }, nuclei, gap) {
  return nuclei.every((other) => Math.hypot(other.x - x, other.y - y) > long + other.long + gap);
}

/** A second nucleus beside the first, just touching it. */
function addPartner(first, nuclei, random) {
  for (let tries = 0; tries < 12; tries += 1) {
    const direction = 2 * Math.PI * random();
    const partner = { ...shape(random), light: first.light * (0.8 + 0.4 * random()) };
    const reach = 0.98 * (radiusTowards(first, direction) + radiusTowards(partner, direction + Math.PI));
    partner.x = first.x + reach * Math.cos(direction);
    partner.y = first.y + reach * Math.sin(direction);
    const inside = partner.x > 14 && partner.x < WIDTH - 14 && partner.y > 14 && partner.y < HEIGHT - 14;
    if (
      !inside ||
      !isFree(
        partner,
        nuclei.filter((other) => other !== first),
        3,
      )
    )
      continue;
    nuclei.push(partner);
    return;
  }
}

function radiusTowards({ long, short, angle }, direction) {
  const turned = direction - angle;
  return (long * short) / Math.hypot(short * Math.cos(turned), long * Math.sin(turned));
}

/** Brightest in the middle, soft at the edge. */
function drawNucleus(light, { x, y, long, short, angle, light: bright }) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let row = Math.max(0, Math.floor(y - long)); row <= Math.min(HEIGHT - 1, y + long); row += 1) {
    for (let column = Math.max(0, Math.floor(x - long)); column <= Math.min(WIDTH - 1, x + long); column += 1) {
      const along = (column - x) * cos + (row - y) * sin;
      const across = (row - y) * cos - (column - x) * sin;
      const away = Math.hypot(along / long, across / short);
      if (away >= 1) continue;
      const at = row * WIDTH + column;
      light[at] = Math.max(light[at], bright * (0.8 + 0.2 * Math.sqrt(1 - away * away)));
    }
  }
}

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number of the normal distribution (Box and Muller). */
function gaussian(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
