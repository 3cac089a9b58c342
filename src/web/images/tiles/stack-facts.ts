import type { TiffFacts } from './tiff-directories';

/** What the words in a TIFF tell of the order of its pages. */
export interface StackFacts {
  channels: number;
  /** Depths times points in time. */
  planes: number;
  /** Whether pages go through the channels before the next plane. */
  channelsFirst: boolean;
  /** Micrometres; null when not told. */
  pixelSize: number | null;
  names: { name: string; colour: string | null }[];
}

const MOST = 10_000;
const TO_MICROMETRES: Record<string, number> = {
  nm: 0.001,
  µm: 1,
  μm: 1,
  um: 1,
  micron: 1,
  microns: 1,
  mm: 1000,
  cm: 10_000,
  m: 1_000_000,
};

/** The head of an OME-TIFF. Only attributes of two elements are read, so that no reader of XML can be led astray. */
export function readOme(description: string): StackFacts | null {
  const pixels = /<(?:\w+:)?Pixels\b([^>]{0,4000})>/.exec(description)?.[1];
  if (pixels === undefined || !description.includes('OME')) return null;
  const [channels, depths, times] = ['SizeC', 'SizeZ', 'SizeT'].map((name) => whole(attribute(pixels, name)));
  const order = attribute(pixels, 'DimensionOrder');
  const size = Number(attribute(pixels, 'PhysicalSizeX'));
  const unit = TO_MICROMETRES[attribute(pixels, 'PhysicalSizeXUnit') || 'µm'];
  return {
    channels,
    planes: depths * times,
    channelsFirst: order.indexOf('C') < order.indexOf('Z') || depths === 1,
    pixelSize: size > 0 && unit !== undefined ? size * unit : null,
    names: [...description.matchAll(/<(?:\w+:)?Channel\b([^>]{0,4000})>/g)].slice(0, MOST).map(([, words]) => ({
      name: attribute(words, 'Name').slice(0, 100),
      colour: omeColour(attribute(words, 'Color')),
    })),
  };
}

/** What ImageJ writes: `channels=3\nslices=5\nunit=micron`, the resolution in pixels of that unit. */
export function readImageJ(description: string): StackFacts | null {
  if (!description.startsWith('ImageJ=')) return null;
  const fields = new Map(
    description.split('\n').map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
  const read = (name: string) => whole(fields.get(name) ?? '');
  return { channels: read('channels'), planes: read('slices') * read('frames'), channelsFirst: true, pixelSize: null, names: [] };
}

/** ImageJ gives the resolution in its own unit, which TIFF has no word for. */
export function imageJPixelSize({ description, resolution }: TiffFacts): number | null {
  const unit = /^unit=(.*)$/m.exec(description)?.[1].trim().replace('\\u00B5', 'µ');
  const factor = TO_MICROMETRES[unit ?? ''];
  return description.startsWith('ImageJ=') && resolution && factor !== undefined ? factor / resolution.perUnit : null;
}

function attribute(words: string, name: string): string {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(words)?.[1] ?? '';
  return value.replaceAll('&#181;', 'µ').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

function whole(words: string): number {
  const value = Number.parseInt(words, 10);
  return value >= 1 && value <= MOST ? value : 1;
}

/** A signed number of red, green, blue and alpha. */
function omeColour(words: string): string | null {
  const value = Number.parseInt(words, 10);
  if (!Number.isInteger(value)) return null;
  const colour = `#${((value >>> 8) & 0xffffff).toString(16).padStart(6, '0')}`;
  return colour === '#000000' ? null : colour;
}
