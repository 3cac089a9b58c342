/// <reference lib="dom" />
import { readFileSync } from 'node:fs';
import type { Browser, Page, Request } from 'playwright-core';
import { guestProject, launchBrowser, look, newVisitor, type Visitor } from './browser';
import { weighScripts } from './script-weight';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const MOST_SCRIPT_BYTES = 150_000;

/** A field of cells of 64 pixels: a stack of two channels in 16 bits, a mask, outlines, and a table. */
const MAKE = `
const { writeFileSync } = require('node:fs');
const out = process.argv[2] + '/';
const [W, H, CELL] = [2304, 1536, 64];
const inside = (x, y) => { const [a, b] = [x % CELL - 31.5, y % CELL - 31.5]; return a * a + b * b < 22 * 22; };
const label = (x, y) => (inside(x, y) ? 1 + Math.floor(x / CELL) + (W / CELL) * Math.floor(y / CELL) : 0);
function write(name, pages, bits, description) {
  const parts = [Buffer.from('II*\\0\\0\\0\\0\\0', 'latin1')];
  let at = 8;
  let link = [parts[0], 4];
  const put = (bytes) => { const place = at; parts.push(bytes); at += bytes.length; return place; };
  pages.forEach((pixels, index) => {
    const data = Buffer.from(pixels.buffer);
    const words = index === 0 && description ? Buffer.from(description + '\\0'.repeat(2 - description.length % 2)) : null;
    const place = put(data);
    const tags = [[256, 4, W], [257, 4, H], [258, 3, bits], [259, 3, 1], [262, 3, 1]];
    if (words) tags.push([270, 2, put(words), words.length]);
    tags.push([273, 4, place], [277, 3, 1], [278, 4, H], [279, 4, data.length], [339, 3, 1]);
    const directory = Buffer.alloc(2 + tags.length * 12 + 4);
    directory.writeUInt16LE(tags.length, 0);
    tags.forEach(([tag, type, value, count = 1], entry) => {
      directory.writeUInt16LE(tag, 2 + entry * 12);
      directory.writeUInt16LE(type, 4 + entry * 12);
      directory.writeUInt32LE(count, 6 + entry * 12);
      directory.writeUInt32LE(value, 10 + entry * 12);
    });
    link[0].writeUInt32LE(put(directory), link[1]);
    link = [directory, directory.length - 4];
  });
  writeFileSync(out + name, Buffer.concat(parts));
}
const fill = (Kind, value) => { const pixels = new Kind(W * H); for (let y = 0; y < H; y++) for (let x = 0; x < W; x++) pixels[y * W + x] = value(x, y); return pixels; };
const ome = '<OME><Image><Pixels DimensionOrder="XYCZT" SizeC="2" SizeZ="1" SizeT="1" PhysicalSizeX="0.5"><Channel Name="DAPI" Color="1305346047"/><Channel Name="CDH1"/></Pixels></Image></OME>';
write('tissue.ome.tif', [fill(Uint16Array, (x, y) => 200 + (inside(x, y) ? 2000 + (x % 7) * 30 : 0)), fill(Uint16Array, (x, y) => 100 + (x % CELL < 3 || y % CELL < 3 ? 900 : 0))], 16, ome);
write('mask.tif', [fill(Uint16Array, label)], 16);
write('halves_mask.tif', [fill(Uint16Array, (x) => (x < 512 ? 1 : 2))], 16);
const cells = Array.from({ length: (W / CELL) * (H / CELL) }, (_, index) => index + 1);
writeFileSync(out + 'cells.csv', 'cell_id,area,marker\\n' + cells.map((id) => id + ',' + (1500 + id) + ',' + (id / 7).toFixed(3)).join('\\n') + '\\n');
const ring = (id) => { const [x, y] = [((id - 1) % (W / CELL)) * CELL + 32, Math.floor((id - 1) / (W / CELL)) * CELL + 32]; return Array.from({ length: 25 }, (_, step) => [x + 24 * Math.cos(step * Math.PI / 12), y + 24 * Math.sin(step * Math.PI / 12)]); };
writeFileSync(out + 'outlines.geojson', JSON.stringify({ type: 'FeatureCollection', features: cells.map((id) => ({ type: 'Feature', properties: { cell_id: id }, geometry: { type: 'Polygon', coordinates: [ring(id)] } })) }));
`;
const MANIFEST = `title: Tissue
command: [node, ./make.cjs]
arguments: ['{outputFolder}']
views:
  - title: Cells in the tissue
    kind: layers
    caption: Click a cell for its row of the table.
    layers:
      - { glob: '*.ome.tif', title: Tissue }
      - { glob: mask.tif, title: Cell, as: labels, opacity: 0.4, table: cells.csv, key: cell_id }
      - { glob: outlines.geojson, title: Outlines, as: shapes, key: cell_id, table: cells.csv, visible: false }
`;

describe('the viewer in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;
  let run: string;
  const objections: string[] = [];
  const surface = () => page.locator('[data-surface]');
  const row = (title: string) => page.locator('.layer', { hasText: title });
  const card = () => page.locator('[data-card]');

  /** The colour of the stage in its middle, moved by so many pixels. */
  const colourAt = async (x = 0, y = 0): Promise<number[]> => {
    const box = (await surface().boundingBox())!;
    const clip = { x: Math.round(box.x + box.width / 2 + x), y: Math.round(box.y + box.height / 2 + y), width: 1, height: 1 };
    const png = (await page.screenshot({ clip })).toString('base64');
    return page.evaluate(async (source) => {
      const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(1, 1).getContext('2d')!;
      context.drawImage(bitmap, 0, 0);
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    }, png);
  };
  const clickMiddle = async (x = 0, y = 0) => {
    const box = (await surface().boundingBox())!;
    await page.mouse.click(box.x + box.width / 2 + x, box.y + box.height / 2 + y);
  };
  /** Cell 632 in the middle of the stage, four pixels of the screen for one of the image. */
  const nearby = async (more = '') => {
    await page.goto('about:blank');
    await page.goto(`${run}/viewer?view=0#at=1248,1120,4${more}`);
    await settled();
  };
  const settled = async () => {
    await page.locator('[data-say-ready]', { hasText: 'ready' }).waitFor({ state: 'attached' });
    await page.waitForFunction(() => document.querySelector<HTMLElement>('[data-draft]')?.hidden === true);
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(100);
  };

  beforeAll(async () => {
    product = await startProduct({ 'tissue/pipeline.yaml': MANIFEST, 'tissue/make.cjs': MAKE });
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    ({ page } = visitor);
    const project = await guestProject(page, 'Slides');
    await page.goto(`${project}/run/tissue`);
    await page.getByRole('button', { name: /^Run/ }).last().click();
    await page.waitForURL(/\/runs\/\d+/);
    run = new URL(page.url()).pathname;
    await page.locator('[data-run-state="succeeded"]').first().waitFor({ timeout: MINUTE });
  }, 2 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  afterEach(() => {
    expect(visitor.faults.splice(0)).toEqual([]);
    expect(objections.splice(0)).toEqual([]);
  });

  it(
    'opens from the picture of the run, with everything in it',
    async () => {
      await page.goto(run);
      const picture = page.getByRole('img', { name: 'Cells in the tissue' });
      await picture.waitFor();
      expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBe(1152);
      await page.getByRole('link', { name: 'Open in the viewer' }).first().click();
      await page.waitForURL(/viewer\?view=0/);
      await settled();
      expect(await page.locator('[data-title]').allTextContents()).toEqual(['Outlines', 'Cell', 'CDH1', 'DAPI']);
      expect(await page.locator('[data-scale]').textContent()).toMatch(/^\d+ µm$/);
      objections.push(...(await look(page, 'viewer')));
    },
    MINUTE,
  );

  it('loads its scripts here alone, and few of them', async () => {
    const scripts = async (address: string) => {
      const tab = await visitor.newTab();
      const weight = await weighScripts(tab, async () => {
        await tab.goto(address);
        await tab.waitForLoadState('networkidle');
      });
      await tab.close();
      return weight;
    };
    expect(await scripts(`${run}/viewer?view=0`)).toBeLessThan(MOST_SCRIPT_BYTES);
    expect(await scripts(run)).toBeLessThan(40_000);
  });

  it(
    'tells values under the pointer and the row of a cell that is clicked',
    async () => {
      await nearby();
      const box = (await surface().boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.waitForFunction(() => document.querySelector('[data-values]')?.textContent?.includes('Cell'));
      expect(await page.locator('[data-values]').textContent()).toMatch(/^x 124[78], y 1120 · DAPI 2\d\d\d · CDH1 100 · Cell 632$/);
      await clickMiddle();
      await card().getByText('Cell 632').waitFor();
      await card().getByText('2132').waitFor();
      expect(await card().locator('dt').allTextContents()).toEqual(['cell_id', 'area', 'marker']);
      expect(await card().getByRole('link', { name: 'Show its row in the table' }).getAttribute('href')).toMatch(
        /\/table\/cells\.csv\?row=632$/,
      );
      objections.push(...(await look(page, 'viewer-cell')));
      await clickMiddle(-126, -126);
      await card().waitFor({ state: 'hidden' });
    },
    MINUTE,
  );

  it('finds shapes too, and draws the one that is picked', async () => {
    await nearby('&l3=v1&l2=v0');
    await clickMiddle(-64 * 4);
    await card().getByText('Outlines 631').waitFor();
    await card().getByText('2131').waitFor();
    expect(await page.locator('[data-found] path').getAttribute('d')).toMatch(/^M[\d.,L-]+Z$/);
  });

  it(
    'changes contrast, colour, opacity and layers at once, and keeps them in the address',
    async () => {
      await nearby('&l1=v0&l2=v0');
      const before = await colourAt();
      expect(before[2]).toBeGreaterThan(before[0]);
      await row('DAPI').locator('[data-colour]').fill('#ff0000');
      await row('DAPI').locator('[data-opacity]').fill('50');
      await page.waitForTimeout(400);
      const red = await colourAt();
      expect([red[1], red[2]]).toEqual([0, 0]);
      expect(red[0]).toBeGreaterThan(60);
      await row('DAPI').locator('[data-low]').fill('990');
      await page.waitForTimeout(400);
      expect((await colourAt())[0]).toBeLessThan(red[0] / 2);
      expect(page.url()).toMatch(/l0=o0\.5,cff0000,r\d+:\d+/);
      await page.reload();
      await settled();
      expect((await colourAt())[0]).toBeLessThan(red[0] / 2);
      expect(await row('DAPI').locator('[data-colour]').inputValue()).toBe('#ff0000');
      await page.getByRole('button', { name: 'Auto contrast of DAPI' }).click();
      await page.waitForTimeout(400);
      expect(await colourAt()).toEqual(red);
      await page.getByRole('button', { name: 'Reset' }).click();
      await page.waitForTimeout(400);
      expect(page.url()).not.toContain('l0=');
    },
    MINUTE,
  );

  it(
    'is walked by keys alone',
    async () => {
      await nearby();
      const place = async () => {
        await page.waitForTimeout(450);
        return /at=([\d.]+),([\d.]+),([\d.]+)/.exec(page.url())!.slice(1).map(Number);
      };
      await surface().focus();
      await page.keyboard.press('ArrowRight');
      const [x] = await place();
      expect(x).toBeGreaterThan(1255);
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('+');
      expect((await place())[2]).toBeCloseTo(5.6, 1);
      await page.keyboard.press('-');
      await place();
      await page.keyboard.press('Enter');
      await card().getByText('Cell 632').waitFor();
      await page.keyboard.press('Escape');
      await card().waitFor({ state: 'hidden' });
      await page.keyboard.press('2');
      expect(await row('Cell').locator('[data-visible]').isChecked()).toBe(false);
      await page.keyboard.press('0');
      expect((await place())[2]).toBeLessThan(1);
      await page.keyboard.press('f');
      await page.waitForFunction(() => document.fullscreenElement?.id === 'viewer');
      await page.keyboard.press('f');
      await page.waitForFunction(() => document.fullscreenElement === null);
    },
    MINUTE,
  );

  it('closes the outlines of objects that end with a tile, and asks for no tile that is not seen', async () => {
    await page.goto('about:blank');
    const asked = new Set<string>();
    const note = (request: Request) => {
      const tile = /halves_mask\.tif\?.*&level=0&x=(\d+)&y=(\d+)$/.exec(request.url());
      if (tile) asked.add(`${tile[1]}/${tile[2]}`);
    };
    page.on('request', note);
    await page.goto(`${run}/viewer/halves_mask.tif#at=512,800,4&l0=e1`);
    await settled();
    const [inLeft, left, right, inRight] = [await colourAt(-6), await colourAt(-2), await colourAt(1), await colourAt(6)];
    expect(left).not.toEqual(inLeft);
    expect(right).not.toEqual(inRight);
    expect(left).not.toEqual(right);
    expect(asked).toContain('1/1');
    const box = (await surface().boundingBox())!;
    const tilesAlong = (middle: number, pixels: number) => [-1, 1].map((side) => Math.floor((middle + (side * pixels) / 8) / 512));
    const [[fromX, toX], [fromY, toY]] = [tilesAlong(512, box.width), tilesAlong(800, box.height)];
    for (const tile of asked) {
      const [x, y] = tile.split('/').map(Number);
      expect([tile, x >= fromX && x <= toX && y >= fromY && y <= toY]).toEqual([tile, true]);
    }
    page.off('request', note);
  });

  it(
    'leads from a row to its cell, and to what is seen by a link and as a picture',
    async () => {
      await page.goto(`${run}/table/cells.csv?row=632`);
      await page.locator('a[title="Show it in the image"]', { hasText: /^632$/ }).click();
      await page.waitForURL(/viewer\?view=0#.*cell=632/);
      await settled();
      await card().getByText('2132').waitFor();
      // Its middle, and a white cell there.
      expect((await colourAt()).every((part) => part > 150)).toBe(true);
      expect(page.url()).toMatch(/#at=1248\.\d,1120\.\d,/);
      await page.evaluate(() => Object.assign(window, { copied: '' }));
      await page.evaluate(() =>
        document.addEventListener('copy', () =>
          Object.assign(window, { copied: String(document.getSelection()) || (document.activeElement as HTMLTextAreaElement).value }),
        ),
      );
      await page.getByRole('button', { name: 'Copy the link' }).click();
      await page.getByText('The link to what you see is copied.').waitFor();
      expect(await page.evaluate(() => (window as unknown as { copied: string }).copied)).toMatch(
        /viewer\?view=0#at=1248\.\d,1120\.\d,[\d.]+&cell=632$/,
      );
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save what you see as PNG' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('Cells in the tissue.png');
      const bytes = readFileSync(await download.path());
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
      const box = (await surface().boundingBox())!;
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([Math.round(box.width), Math.round(box.height)]);
      await page.getByRole('button', { name: 'Close', exact: true }).click();
      await page.waitForFunction(() => !location.hash.includes('cell='));
    },
    MINUTE,
  );

  it('picks what the address names last, and nothing where it names nothing', async () => {
    await nearby('&cell=632');
    await card().getByText('Cell 632').waitFor();
    // The answer for the first comes after that for the second.
    let late = (): void => undefined;
    const held = new Promise<void>((resolve) => (late = resolve));
    await page.route(/\/tiles\/place\/.*label=600$/, async (route) => {
      await held;
      await route.continue();
    });
    await page.evaluate(() => (location.hash = '#at=1248,1120,4&cell=600'));
    await page.evaluate(() => (location.hash = '#at=1248,1120,4&cell=633'));
    await card().getByText('Cell 633').waitFor();
    const answer = page.waitForResponse(/label=600$/);
    late();
    await (await answer).finished();
    await page.waitForTimeout(100);
    expect(await card().innerText()).toContain('Cell 633');
    await page.unroute(/\/tiles\/place\/.*label=600$/);
    await page.evaluate(() => (location.hash = '#at=1248,1120,4'));
    await card().waitFor({ state: 'hidden' });
  });

  it('moves and zooms by mouse and wheel', async () => {
    await nearby();
    const box = (await surface().boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 200, y, { steps: 5 });
    await page.waitForTimeout(150);
    await page.mouse.up();
    await page.waitForFunction(() => /at=11\d\d/.test(location.hash) || /at=12[01]\d/.test(location.hash));
    await page.mouse.wheel(0, -300);
    await page.waitForFunction(() => Number(/at=[\d.]+,[\d.]+,([\d.]+)/.exec(location.hash)?.[1]) > 4.5);
  });

  it('shows the whole picture with a sentence where there are no scripts', async () => {
    const plain = await newVisitor(browser, product.address, { scripts: false });
    await plain.context.addCookies(await visitor.context.cookies());
    await plain.page.goto(`${run}/viewer?view=0`);
    expect(await plain.page.locator('.stage-note').innerText()).toContain('This is the whole picture.');
    const box = (await plain.page.locator('.stage-whole').boundingBox())!;
    expect([box.width, box.height].map((edge) => edge > 300)).toEqual([true, true]);
    expect(await plain.page.getByRole('button', { name: 'Zoom in' }).isVisible()).toBe(false);
    expect(plain.faults).toEqual([]);
    await plain.context.close();
  });
});
