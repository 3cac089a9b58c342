/** Values of a picture, row by row; their type is the type of the pixels in the file. */
export type Pixels = Uint8Array | Uint16Array | Uint32Array | Int16Array | Float32Array | Float64Array;

const SHORT = 3;
const LONG = 4;
const UNSIGNED = 1;
const SIGNED = 2;
const FLOAT = 3;

/** An uncompressed little-endian TIFF of one channel, in the bare form that instruments and segmentation programs write. */
export function tiff(pixels: Pixels, width: number, height: number): Buffer {
  const data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const format =
    pixels instanceof Float32Array || pixels instanceof Float64Array ? FLOAT : pixels instanceof Int16Array ? SIGNED : UNSIGNED;
  const tags: [number, number, number][] = [
    [256, LONG, width],
    [257, LONG, height],
    [258, SHORT, pixels.BYTES_PER_ELEMENT * 8],
    [259, SHORT, 1],
    [262, SHORT, 1],
    [273, LONG, 8],
    [277, SHORT, 1],
    [278, LONG, height],
    [279, LONG, data.length],
    [339, SHORT, format],
  ];
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  const padded = Buffer.concat([data, Buffer.alloc(data.length % 2)]);
  head.writeUInt32LE(8 + padded.length, 4);
  const directory = Buffer.alloc(2 + tags.length * 12 + 4);
  directory.writeUInt16LE(tags.length, 0);
  tags.forEach(([tag, type, value], index) => {
    const at = 2 + index * 12;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(1, at + 4);
    if (type === SHORT) directory.writeUInt16LE(value, at + 8);
    else directory.writeUInt32LE(value, at + 8);
  });
  return Buffer.concat([head, padded, directory]);
}
