import type { PageShape } from '../../../browser/viewer/pyramid';
import { imageJPixelSize, readImageJ, readOme, type StackFacts } from './stack-facts';
import type { TiffFacts } from './tiff-directories';

/** One channel of an image: a sample of a page of each plane. */
export interface ChannelFacts {
  /** '' when the file gives it no name. */
  name: string;
  /** `#rrggbb`; null when the file tells none. */
  colour: string | null;
  /** `colour`: red, green and blue of 8 bits in one. */
  kind: 'light' | 'colour';
  sample: number;
  /** By plane. */
  pages: number[];
}

export interface ImageFacts extends PageShape {
  channels: ChannelFacts[];
  /** Depths and times together. */
  planes: number;
  /** Micrometres of a pixel; null when not told. */
  pixelSize: number | null;
}

/** More pages without a word of what they are, are slices of a stack. */
const MOST_CHANNELS_BY_GUESS = 8;
const MOST_CHANNELS = 64;
const MOST_PLANES = 1024;
const INTERLEAVED = ['#ff0000', '#00ff00', '#0000ff'];

/** @param tiff null for other formats: they have one page. */
export function channelsOf(shape: PageShape, tiff: TiffFacts | null): ImageFacts {
  const pages = (tiff?.pages ?? [])
    .map((page, index) => ({ ...page, index }))
    .filter((page) => !page.isDerived && page.width === shape.width && page.height === shape.height)
    .map(({ index }) => index);
  if (pages.length === 0) pages.push(0);
  const stack = tiff ? (readOme(tiff.description) ?? readImageJ(tiff.description)) : null;
  const isColour = shape.type === 'uint8' && (shape.samples === 3 || shape.samples === 4);
  const perPage = isColour ? 1 : shape.samples;
  const { channels: count, planes, page } = arrange(stack, pages.length, perPage);
  const byPage = Array.from({ length: Math.min(count, MOST_CHANNELS) }, (_, channel) =>
    Array.from({ length: planes }, (_plane, plane) => pages[page(channel, plane)] ?? pages[0]),
  );
  return {
    ...shape,
    planes,
    pixelSize: stack?.pixelSize ?? (tiff && (imageJPixelSize(tiff) ?? sizeByResolution(tiff))),
    channels: byPage
      .flatMap((numbers, channel) =>
        Array.from({ length: perPage }, (_, sample) => channelOf(stack, { channel, sample, perPage, isColour }, numbers)),
      )
      .slice(0, MOST_CHANNELS),
  };
}

interface Place {
  channel: number;
  sample: number;
  perPage: number;
  isColour: boolean;
}

function channelOf(stack: StackFacts | null, { channel, sample, perPage, isColour }: Place, pages: number[]): ChannelFacts {
  const told = stack?.names[perPage > 1 ? channel * perPage + sample : channel];
  return {
    name: told?.name ?? '',
    colour: told?.colour ?? (perPage === 3 ? INTERLEAVED[sample] : null),
    kind: isColour ? 'colour' : 'light',
    sample,
    pages,
  };
}

/** Which page holds which channel of which plane. */
function arrange(stack: StackFacts | null, pages: number, perPage: number) {
  const told = stack && {
    channels: Math.max(1, perPage > 1 ? Math.round(stack.channels / perPage) || 1 : stack.channels),
    planes: stack.planes,
  };
  if (told && told.channels * told.planes <= pages) {
    const { channels, planes } = told;
    const page = stack.channelsFirst
      ? (channel: number, plane: number) => plane * channels + channel
      : (channel: number, plane: number) => channel * planes + plane;
    return { channels, planes: Math.min(planes, MOST_PLANES), page };
  }
  if (pages <= MOST_CHANNELS_BY_GUESS) return { channels: pages, planes: 1, page: (channel: number) => channel };
  return { channels: 1, planes: Math.min(pages, MOST_PLANES), page: (_channel: number, plane: number) => plane };
}

const MICROMETRES: Record<number, number> = { 2: 25_400, 3: 10_000 };
/** Resolutions for printers say nothing of a specimen. */
const LARGEST_PIXEL = 25;

function sizeByResolution({ resolution }: TiffFacts): number | null {
  const { perUnit, unit } = resolution ?? { perUnit: 0, unit: 0 };
  const size = (MICROMETRES[unit] ?? 0) / perUnit;
  return Number.isFinite(size) && size > 0 && size < LARGEST_PIXEL ? size : null;
}
