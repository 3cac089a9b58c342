import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp from 'sharp';

const BLOB = 34;

/**
 * Draws tissue as a microscope would see it: soft spots of many sizes on a dim, uneven ground, in 16 bits.
 * @param shift moves the picture, so that the channels of one field differ and belong together.
 */
export async function drawTissue(file: string, { width = 640, height = 480, shift = 0 } = {}): Promise<void> {
  const pixels = new Uint16Array(width * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) pixels[y * width + x] = brightness(x + shift, y, shift);
  mkdirSync(dirname(file), { recursive: true });
  await sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace('grey16')
    .tiff({ compression: 'lzw' })
    .toFile(file);
}

function brightness(x: number, y: number, seed: number): number {
  const [column, row] = [Math.floor(x / BLOB), Math.floor(y / BLOB)];
  const [a, b, c] = [1, 2, 3].map((salt) => noise(column, row, seed + salt));
  const [left, top] = [column * BLOB + BLOB * (0.35 + 0.3 * a), row * BLOB + BLOB * (0.35 + 0.3 * b)];
  const radius = BLOB * (0.18 + 0.2 * c);
  const distance = Math.hypot(x - left, (y - top) * (0.8 + 0.4 * a)) / radius;
  const spot = c > 0.15 && distance < 1.4 ? 26_000 * (0.5 + 0.5 * b) * Math.exp(-(distance ** 4)) : 0;
  return Math.round(900 + 600 * Math.sin(x / 190) * Math.cos(y / 150) + 500 * noise(x, y, seed) + spot);
}

/** From 0 to 1, the same for the same numbers. */
function noise(x: number, y: number, seed: number): number {
  const value = Math.sin(x * 127.1 + y * 311.7 + seed * 74.7) * 43_758.5453;
  return value - Math.floor(value);
}

/** A photograph in colour, small. */
export async function drawPhotograph(hue: number): Promise<Buffer> {
  const [width, height] = [320, 240];
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at += 1) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const light = 0.5 + 0.5 * Math.sin(x / 23 + hue) * Math.cos(y / 17);
    pixels.set([Math.round(230 * light), Math.round(190 * light * (0.4 + (hue % 3) / 4)), Math.round(120 + 90 * light)], at * 3);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
