/** Text read from a result file: what it says, and in which encoding it was found. */
export interface DecodedText {
  text: string;
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
}

const SAMPLE = 4096;
const MOSTLY = 0.7;

/**
 * Decodes the beginning of a file without being told its encoding: by its byte order mark, by the zero bytes that UTF-16 leaves,
 * as UTF-8, and else as windows-1252, which old instruments write.
 * @param whole false when `bytes` ends somewhere inside the file, so that a cut character at the end is no sign of another encoding.
 * @returns null when this is no text.
 */
export function decodeText(bytes: Buffer, whole: boolean): DecodedText | null {
  const marked = byMark(bytes);
  if (marked) return { text: new TextDecoder(marked).decode(evenEnd(bytes, marked)), encoding: marked };
  const wide = byZeros(bytes);
  if (wide) return { text: new TextDecoder(wide).decode(evenEnd(bytes, wide)), encoding: wide };
  if (bytes.includes(0)) return null;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !whole }), encoding: 'utf-8' };
  } catch {
    const text = new TextDecoder('windows-1252').decode(bytes);
    return looksBinary(bytes) ? null : { text, encoding: 'windows-1252' };
  }
}

function byMark(bytes: Buffer): DecodedText['encoding'] | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** Latin text in UTF-16 without a mark has a zero in nearly every second byte and none in the others. */
function byZeros(bytes: Buffer): DecodedText['encoding'] | undefined {
  const sample = bytes.subarray(0, SAMPLE);
  let even = 0;
  let odd = 0;
  for (let index = 0; index < sample.length; index++) {
    if (sample[index] !== 0) continue;
    if (index % 2 === 0) even++;
    else odd++;
  }
  const half = sample.length / 2;
  if (odd > half * MOSTLY && even === 0) return 'utf-16le';
  if (even > half * MOSTLY && odd === 0) return 'utf-16be';
  return undefined;
}

function evenEnd(bytes: Buffer, encoding: DecodedText['encoding']): Buffer {
  return encoding.startsWith('utf-16') ? bytes.subarray(0, bytes.length - (bytes.length % 2)) : bytes;
}

function looksBinary(bytes: Buffer): boolean {
  const sample = bytes.subarray(0, SAMPLE);
  let controls = 0;
  for (const byte of sample) if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12 && byte !== 27) controls++;
  return controls > sample.length / 50;
}
