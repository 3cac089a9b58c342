import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import sharp from 'sharp';

export const STAND_INS = resolve(__dirname, '..', 'stand-ins');
export const PYTHON = join(STAND_INS, 'bin', 'python3');

export interface Ended {
  status: number | null;
  output: string;
}

/** Runs a program in a folder; its output is what both streams said. */
export function runIn(folder: string, words: string[], environment: Record<string, string> = {}): Promise<Ended> {
  const [program = '', ...rest] = words;
  const env = { PATH: process.env['PATH'] ?? '', STAND_IN_NODE: process.execPath, ...environment };
  return new Promise((settle) => {
    execFile(program, rest, { cwd: folder, env }, (error, stdout, stderr) => {
      settle({ status: error ? (typeof error.code === 'number' ? error.code : null) : 0, output: stdout + stderr });
    });
  });
}

/** Names of all files below a folder, sorted. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => relative('', name))
    .sort();
}

/**
 * Draws bright discs on dark as a TIFF of 16 bits: what counts as nuclei.
 * @param shift moves the picture, so that channels differ.
 */
export async function drawCells(file: string, { side = 128, shift = 0 }: { side?: number; shift?: number } = {}): Promise<void> {
  const centres = [20, 60, 100].flatMap((x) => [20, 60, 100].map((y) => [x, y] as const));
  const pixels = Uint16Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [at % side, Math.floor(at / side)];
    const isInside = centres.some(([left, top]) => Math.hypot(x - left - shift, y - top) < 9);
    return isInside ? 20_000 + x * 50 : 500 + ((x * 7 + y * 13) % 100);
  });
  mkdirSync(resolve(file, '..'), { recursive: true });
  const image = sharp(pixels, { raw: { width: side, height: side, channels: 1 } }).toColourspace('grey16');
  await (file.endsWith('.png') ? image.png() : image.tiff({ compression: 'none' })).toFile(file);
}

/** A reference cell as ProtiCelli takes it: three channels of 8 bits. */
export async function drawCell(file: string, side = 512): Promise<void> {
  const pixels = new Uint8Array(side * side * 3);
  for (let at = 0; at < side * side; at += 1) {
    const distance = Math.hypot((at % side) - side / 2, Math.floor(at / side) - side / 2);
    pixels.set([distance < 200 ? 180 : 0, distance < 90 ? 220 : 0, distance < 150 ? 120 : 10], at * 3);
  }
  mkdirSync(resolve(file, '..'), { recursive: true });
  await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .tiff({ compression: 'none' })
    .toFile(file);
}

export function write(folder: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(resolve(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

export function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}
