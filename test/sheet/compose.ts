import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { THEMES, WIDTHS, type Sighting } from './camera';

const SCALE = 0.4;
const [GAP, LABEL] = [16, 34];
/** A sheet that is taller than this goes on in a second one. */
const MOST_HEIGHT = 3600;
const MOST_ROW = 960;

interface Row {
  label: string;
  /** Each with its place from the left. */
  pictures: { left: number; content: Buffer }[];
  height: number;
}

/**
 * Writes labelled sheets of one family: a row for each page, a column for each theme and width.
 * @returns their paths.
 */
export async function composeSheets(family: string, sightings: readonly Sighting[], folder: string): Promise<string[]> {
  const rows = await Promise.all(sightings.filter(({ pictures }) => pictures.length > 0).map(rowOf));
  const sheets: Row[][] = [];
  let left = 0;
  for (const row of rows) {
    if (row.height > left) {
      sheets.push([]);
      left = MOST_HEIGHT;
    }
    sheets.at(-1)!.push(row);
    left -= row.height;
  }
  return Promise.all(sheets.map((some, index) => write(some, join(folder, `${family}-${index + 1}.png`))));
}

async function rowOf({ world, shot, pictures, objections }: Sighting): Promise<Row> {
  let left = GAP;
  const placed: Row['pictures'] = [];
  let height = 0;
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      const picture = pictures.find((one) => one.theme === theme && one.width === width);
      if (picture) {
        const { data, info } = await sharp(picture.path)
          .resize({ width: Math.round(width * SCALE) })
          .toBuffer({ resolveWithObject: true });
        const shown = Math.min(info.height, MOST_ROW);
        placed.push({ left, content: await sharp(data).extract({ left: 0, top: 0, width: info.width, height: shown }).toBuffer() });
        height = Math.max(height, shown);
      }
      left += Math.round(width * SCALE) + GAP;
    }
  }
  const label = `${world} · ${shot.family} · ${shot.name} · ${shot.address}${objections.length > 0 ? ` · ${objections.length} OBJECTIONS` : ''}`;
  return { label, pictures: placed, height: height + LABEL + GAP };
}

async function write(rows: readonly Row[], path: string): Promise<string> {
  const width = THEMES.length * WIDTHS.reduce((sum, one) => sum + Math.round(one * SCALE) + GAP, 0) + GAP;
  const overlays: OverlayOptions[] = [];
  let top = 0;
  for (const { label, pictures, height } of rows) {
    overlays.push({ input: words(label, width), left: 0, top });
    for (const { left, content } of pictures) overlays.push({ input: content, left, top: top + LABEL });
    top += height;
  }
  await sharp({ create: { width, height: top, channels: 3, background: '#8a8f98' } })
    .composite(overlays)
    .png({ palette: true, quality: 90, effort: 2 })
    .toFile(path);
  return path;
}

function words(label: string, width: number): Buffer {
  const escaped = label.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${LABEL}"><text x="${GAP}" y="23" font-family="sans-serif" font-size="17" fill="#fff">${escaped}</text></svg>`,
  );
}
