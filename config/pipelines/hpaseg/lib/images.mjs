import { rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** Beside this file in an installation; by NODE_PATH in a container. */
export const sharp = createRequire(import.meta.url)('sharp');

/**
 * Puts a TIFF in the place of a link to an image of another format: the program reads nothing but TIFF. It knows it by its content, so the
 * name stays, and with it the list.
 */
export async function asTiff(path) {
  const image = sharp(path, { limitInputPixels: false });
  const { format, depth, channels } = await image.metadata().catch(() => ({ format: 'unknown' }));
  // What cannot be read is for the program to tell of, row by row.
  if (format === 'tiff' || format === 'unknown') return;
  // Without a colour space of 16 bits all would be brought to 8.
  const wide = depth === 'ushort' ? image.toColourspace(channels < 3 ? 'grey16' : 'rgb16') : image;
  const converted = await wide.removeAlpha().tiff({ compression: 'none' }).toBuffer();
  await rm(path);
  await writeFile(path, converted);
}

/** The samples of an image as numbers, its first channel alone. */
export async function readSamples(file) {
  const image = sharp(file, { limitInputPixels: false, page: 0 });
  const { depth, channels } = await image.metadata();
  const wide =
    depth === 'ushort' ? image.toColourspace(channels < 3 ? 'grey16' : 'rgb16') : depth === 'uchar' ? image : image.toColourspace('scrgb');
  const asked = depth === 'uchar' || depth === 'ushort' ? depth : 'float';
  const { data, info } = await wide.extractChannel(0).raw({ depth: asked }).toBuffer({ resolveWithObject: true });
  const Samples = { uchar: Uint8Array, ushort: Uint16Array, float: Float32Array }[asked];
  return { samples: new Samples(data.buffer, data.byteOffset, info.width * info.height), width: info.width, height: info.height };
}
