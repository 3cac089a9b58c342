import { channelsOf, type ImageFacts } from './image-facts';
import { openPage } from './page-reader';
import { readTiff } from './tiff-directories';

const SECONDS = 20;

/** Reads what an image is: its size, its channels, and how large a pixel is. No pixel is read. */
export async function describeImage(file: number): Promise<ImageFacts> {
  const { shape } = await openPage(file, 0, SECONDS);
  return channelsOf(shape, readTiff(file));
}
