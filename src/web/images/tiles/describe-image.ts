import { channelsOf, type ImageFacts } from './image-facts';
import { openHead, openPage } from './page-reader';
import { readTiff } from './tiff-directories';

const SECONDS = 20;

/** Reads what an image is: its size, its channels, and how large a pixel is. No pixel is read. */
export async function describeImage(file: number, path: string): Promise<ImageFacts> {
  const head = await openHead(path);
  const { shape } = await openPage(path, 0, SECONDS);
  const tiff = head.format === 'tiff' ? readTiff(file) : null;
  return channelsOf(shape, tiff);
}
