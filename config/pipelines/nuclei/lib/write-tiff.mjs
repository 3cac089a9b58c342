import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { deflateSync } from 'node:zlib';

const SHORT = 3;
const LONG = 4;
const DEFLATE = 8;
const ROWS_PER_STRIP = 256;
const MOST_BYTES = 4_000_000_000;

/**
 * Writes a grey image of 16 or 32 bits as TIFF: little endian, strips packed by deflate, readable by ImageJ, QuPath, Python.
 * @param {string} file @param {Uint16Array | Uint32Array} pixels
 */
export async function writeTiff(file, pixels, width, height) {
  const strips = packStrips(pixels, width, height);
  const header = layOut(strips, pixels.BYTES_PER_ELEMENT * 8, width, height);
  const stream = createWriteStream(file, { flags: 'w' });
  for (const part of [header, ...strips]) if (!stream.write(part)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'finish');
}

function packStrips(pixels, width, height) {
  const strips = [];
  for (let row = 0; row < height; row += ROWS_PER_STRIP) {
    const part = pixels.subarray(row * width, Math.min(height, row + ROWS_PER_STRIP) * width);
    strips.push(deflateSync(Buffer.from(part.buffer, part.byteOffset, part.byteLength), { level: 6 }));
  }
  return strips;
}

/** Header, directory and the lists of strips; the strips follow. */
function layOut(strips, bits, width, height) {
  const listsAt = 8 + 2 + 12 * 11 + 4;
  const dataAt = listsAt + 8 * strips.length;
  const size = strips.reduce((sum, strip) => sum + strip.length, dataAt);
  if (size > MOST_BYTES) throw new Error('The image is too large for a TIFF file.');
  const one = strips.length === 1;
  const header = Buffer.alloc(dataAt);
  header.write('II');
  header.writeUInt16LE(42, 2);
  header.writeUInt32LE(8, 4);
  const entries = [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, 1, bits],
    [259, SHORT, 1, DEFLATE],
    [262, SHORT, 1, 1],
    [273, LONG, strips.length, one ? dataAt : listsAt],
    [277, SHORT, 1, 1],
    [278, LONG, 1, ROWS_PER_STRIP],
    [279, LONG, strips.length, one ? strips[0].length : listsAt + 4 * strips.length],
    [284, SHORT, 1, 1],
    [339, SHORT, 1, 1],
  ];
  header.writeUInt16LE(entries.length, 8);
  entries.forEach(([tag, type, count, value], index) => {
    const at = 10 + 12 * index;
    header.writeUInt16LE(tag, at);
    header.writeUInt16LE(type, at + 2);
    header.writeUInt32LE(count, at + 4);
    header.writeUInt32LE(value, at + 8);
  });
  let offset = dataAt;
  strips.forEach((strip, index) => {
    header.writeUInt32LE(offset, listsAt + 4 * index);
    header.writeUInt32LE(strip.length, listsAt + 4 * (strips.length + index));
    offset += strip.length;
  });
  return header;
}
