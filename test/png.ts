import { crc32, deflateSync } from 'node:zlib';

/** A PNG with that head: it need not hold what it claims. @param colour 0 grey, 2 colours, 6 colours and transparency. */
export function pngThatClaims(
  width: number,
  height: number,
  {
    bits = 8,
    colour = 0,
    interlaced = false,
    data = Buffer.alloc(1000),
  }: { bits?: 8 | 16; colour?: 0 | 2 | 6; interlaced?: boolean; data?: Buffer } = {},
): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([bits, colour, 0, 0, interlaced ? 1 : 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(data)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
