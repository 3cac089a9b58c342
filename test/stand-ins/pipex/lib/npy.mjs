import { readFileSync, writeFileSync } from 'node:fs';

/** Labels as a NumPy file: int32, rows from the top. */
export function writeNpy(file, labels, width, height) {
  const header = `{'descr': '<i4', 'fortran_order': False, 'shape': (${height}, ${width}), }`;
  const padded = `${header.padEnd(117)}\n`;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(padded.length, 8);
  writeFileSync(file, Buffer.concat([head, Buffer.from(padded), Buffer.from(Int32Array.from(labels).buffer)]));
}

/** @returns {{ labels: Int32Array, width: number, height: number }} */
export function readNpy(file) {
  const bytes = readFileSync(file);
  const start = 10 + bytes.readUInt16LE(8);
  const [, height, width] = /\((\d+), (\d+)\)/.exec(bytes.toString('latin1', 10, start));
  return { labels: new Int32Array(bytes.buffer.slice(bytes.byteOffset + start)), width: Number(width), height: Number(height) };
}
