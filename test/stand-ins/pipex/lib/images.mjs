import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readImage } from '../../../../config/pipelines/nuclei/lib/read-image.mjs';
import { now, tell } from './log.mjs';

/** `fnmatch` of Python, by which PIPEX knows whose image a file is: what looks like a pattern in the name of a marker is one. */
export function fits(name, pattern) {
  const source = pattern.replaceAll(/\[!?\]?[^\]]*\]|[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*';
    if (part === '?') return '[\\s\\S]';
    if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^(?:${source})$`).test(name);
}

/**
 * The images of markers in the data folder: of a file the first marker of the list that fits wins, so that `L1` takes the image of `PDL1`.
 * @returns {Promise<Map<string, { pixels: Float32Array, width: number, height: number, name: string }>>}
 */
export async function imagesOf(data, markers) {
  const found = new Map();
  for (const name of readdirSync(data).sort()) {
    const path = join(data, name);
    if (!statSync(path).isFile()) continue;
    if (!/\.(tiff?|png|jpe?g)$/i.test(name)) {
      tell(`checking type of ${path}, not QPTIFF =`, now());
      continue;
    }
    const marker = markers.find((one) => fits(name, `*${one}.*`));
    if (marker === undefined) continue;
    try {
      found.set(marker, { ...(await readImage(path, 'brightness')), name });
    } catch (error) {
      tell(`Could not read image ${path}`);
      tell(` ${error.message}`);
    }
  }
  return found;
}
