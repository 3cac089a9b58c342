/// <reference lib="dom" />
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { hostilePage, hostilePdf, PLOT_DATA, PLOTS, SITE } from '../hostile-files';
import { until } from '../until';
import { guestProject, launchBrowser, look, newVisitor, type Visitor } from './browser';
import { weighScripts } from './script-weight';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const MANIFEST = `
title: Reports
command: [./job.sh]
outputs:
  - { glob: good.vl.json, kind: plot, title: Cells by class, caption: From the table of cells. }
  - { glob: hostile.html, kind: html, title: Report of the run }
  - { glob: site/index.html, kind: site, title: Tissue in layers, caption: Every marker as a layer. }
  - { glob: tables/counts.csv, kind: table, title: Counts, open: ellviewer }
  - { glob: config.json, kind: json, title: Options }
`;
const JOB = `#!/bin/sh
cp -R "$(dirname "$0")/files/." .
echo done
`;

/**
 * A machine of somebody else, which knows whether anybody told it anything. Connections on which nothing is said do not count: Chromium opens one
 * where a frame would like to go, before it finds that the frame may not.
 */
async function startEvil() {
  let visits = 0;
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined).on('data', () => (visits += 1));
    setTimeout(() => socket.destroy(), 1000).unref();
  });
  const udp = createSocket('udp4', () => (visits += 1));
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  const close = () => {
    udp.close();
    tcp.close();
  };
  return { evil: `http://evil.test:${(tcp.address() as AddressInfo).port}`, udpPort: udp.address().port, visits: () => visits, close };
}

describe('what pipelines wrote, in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;
  let run: string;
  let evil: Awaited<ReturnType<typeof startEvil>>;
  const frame = (): FrameLocator => page.frameLocator('iframe.report-frame');

  beforeAll(async () => {
    evil = await startEvil();
    const files: Record<string, string> = {
      ...SITE,
      'hostile.html': hostilePage(evil),
      'tables/counts.csv': PLOT_DATA,
      'config.json': '{"threshold":0.31,"__proto__":{"stolen":1},"channels":["DAPI","CD8"]}',
      'hostile.pdf': hostilePdf(evil),
      'page.png': '<script>stolen = 1</script>',
      'poly.gif': 'GIF89a=1;stolen=1;//',
      'drawing.svg':
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" onload="stolen=1"><script>stolen=1</script><rect width="40" height="20"/></svg>',
      'entity.xml': '<!DOCTYPE a [<!ENTITY b SYSTEM "/stolen-entity">]><a>&b;</a>',
    };
    for (const [name, { spec }] of Object.entries(PLOTS)) files[`${name}.vl.json`] = JSON.stringify(spec);
    const folder = Object.fromEntries(Object.entries(files).map(([name, content]) => [`reports/files/${name}`, content]));
    product = await startProduct(
      { ...folder, 'reports/job.sh': JOB, 'reports/pipeline.yaml': MANIFEST },
      { LOG_LEVEL: 'debug', ELLVIEWER_URL: 'http://viewer.test/v.html?csv={url}' },
    );
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    page = visitor.page;
    const project = await guestProject(page, 'Spleen');
    await page.goto(`${project}/run/reports`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.locator('[data-run-state="succeeded"]').first().waitFor({ timeout: 30_000 });
    run = new URL(page.url()).pathname;
  }, 2 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await product?.close();
    evil?.close();
  });

  it(
    'is offered on the page of the run, plots drawn in place',
    async () => {
      await page.goto(run);
      await page.locator('section[id^="plot-"] [data-plot-drawn]').waitFor();
      expect(await page.getByRole('link', { name: 'Open Tissue in layers' }).count()).toBe(1);
      expect(await page.getByRole('link', { name: /Open in EllViewer/ }).getAttribute('href')).toBe(`${run}/open/tables/counts.csv`);
      expect(visitor.faults.splice(0)).toEqual([]);
      const weight = await weighScripts(page, async () => {
        await page.goto(`${run}/plot/good.vl.json`);
        await page.locator('[data-plot-drawn] canvas').waitFor();
      });
      expect(weight).toBeGreaterThan(200_000);
      expect(weight).toBeLessThan(320_000);
      expect(await look(page, '70-plot')).toEqual([]);
      const [svg] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /SVG/ }).click()]);
      expect(svg.suggestedFilename()).toBe('good.svg');
      const [png] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /PNG/ }).click()]);
      expect(png.suggestedFilename()).toBe('good.png');
      expect(visitor.faults.splice(0)).toEqual([]);
    },
    MINUTE,
  );

  it(
    'cannot act as anybody nor reach anybody: a page that tries everything',
    async () => {
      await page.goto(`${run}/report/hostile.html`);
      const inner = page.frames().find((one) => one.url().includes('/report-content/'))!;
      const address = inner.url();
      await until(async () => (await inner.title()) === 'done', 10_000);
      expect(await inner.locator('#said').textContent()).toBe('nothing');
      await page.waitForTimeout(800);
      expect(new URL(page.url()).pathname).toBe(`${run}/report/hostile.html`);
      expect(visitor.context.pages()).toHaveLength(1);
      expect(product.log()).not.toContain('/stolen');
      expect(evil.visits()).toBe(0);
      // Opened by itself, on plain http: it gives way to our page before anything of it runs.
      await page.goto(address);
      await page.waitForURL(`**${run}/report/hostile.html`);
      await page.waitForTimeout(1500);
      expect(product.log()).not.toContain('/stolen');
      expect(evil.visits()).toBe(0);
      visitor.faults.splice(0);
    },
    MINUTE,
  );

  it(
    'may be a site with parts, workers and dotted names, which reads nothing above its folder',
    async () => {
      await page.goto(`${run}/report/site/index.html`);
      const results = async () => JSON.parse((await frame().locator('#said').textContent()) || '{}') as Record<string, unknown>;
      await until(async () => Object.keys(await results()).length === 8, 10_000);
      expect(await results()).toEqual({
        dzi: '<Image/>',
        range: '206 234',
        above: 'refused',
        plain: 'lib 0123456789',
        modern: 'asked module',
        own: '206 78',
        pixels: '0,255,0,255',
        colour: 'rgb(1, 2, 3)',
      });
      visitor.faults.splice(0);
      expect(await look(page, '71-site')).toEqual([]);
      visitor.faults.splice(0);
    },
    MINUTE,
  );

  it(
    'is a picture, a text or a download under the name that it has, and never a program',
    async () => {
      await page.goto(run);
      const kinds = await page.evaluate(async (at) => {
        const attempts = ['page.png', 'poly.gif', 'drawing.svg', 'config.json', 'entity.xml'].map(
          (name) =>
            new Promise<string>((resolve) => {
              const element = Object.assign(document.createElement('script'), { src: `${at}/files/${name}` });
              element.addEventListener('load', () => resolve(`${name} ran`));
              element.addEventListener('error', () => resolve(`${name} did not`));
              document.body.append(element);
            }),
        );
        return Promise.all(attempts);
      }, run);
      expect(kinds.filter((kind) => kind.endsWith('ran'))).toEqual([]);
      expect(await page.evaluate(() => 'stolen' in window || 'stolen' in {})).toBe(false);
      expect(await page.locator('img[alt="drawing.svg"]').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(40);
      for (const name of ['drawing.svg', 'entity.xml', 'hostile.html']) {
        const [download] = await Promise.all([page.waitForEvent('download'), page.goto(`${run}/files/${name}`).catch(() => null)]);
        expect(download.suggestedFilename()).toBe(name);
      }
      expect(product.log()).not.toContain('/stolen');
      visitor.faults.splice(0);
    },
    MINUTE,
  );

  it(
    'may be a document that means harm: the viewer of the browser draws it, and does nothing that it says',
    async () => {
      const answered = page.waitForResponse((answer) => answer.url().includes('/documents/hostile.pdf'));
      await page.goto(`${run}/report/hostile.pdf`);
      expect((await answered).headers()).toMatchObject({ 'content-type': 'application/pdf', 'x-content-type-options': 'nosniff' });
      await until(() => page.frames().some((one) => one.url().startsWith('chrome-extension:')), 10_000);
      await page.waitForTimeout(1000);
      const box = (await page.locator('iframe').first().boundingBox())!;
      await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await page.waitForTimeout(1000);
      expect(new URL(page.url()).pathname).toBe(`${run}/report/hostile.pdf`);
      expect(visitor.context.pages()).toHaveLength(1);
      expect(product.log()).not.toContain('/stolen');
      expect(evil.visits()).toBe(0);
      visitor.faults.splice(0);
    },
    MINUTE,
  );

  it(
    'may be a plot that means harm: it says why it is not drawn, and the page lives',
    async () => {
      const check = async (name: string, figure: Locator): Promise<void> => {
        await figure.and(page.locator('[data-plot-drawn], [data-plot-fault]')).waitFor({ timeout: 20_000 });
        const said = (await figure.getAttribute('data-plot-fault')) ?? 'drawn';
        expect(`${name}: ${said}`).toMatch(new RegExp(`^${name}: (${PLOTS[name].comesTo.join('|')})$`));
      };
      const names = Object.keys(PLOTS);
      const together = names.slice(0, names.indexOf('z_many_rows'));
      await page.goto(run);
      for (const name of together) await check(name, page.locator(`[data-plot-name="${name}.vl.json"]`));
      for (const name of names.slice(together.length)) {
        await page.goto(`${run}/plot/${name}.vl.json`);
        await check(name, page.locator('[data-plot]'));
      }
      expect(await page.evaluate(() => 'stolen' in window || 'stolen' in {})).toBe(false);
      expect(evil.visits()).toBe(0);
      expect(product.log()).not.toContain('/stolen');
      visitor.faults.splice(0);
    },
    MINUTE,
  );

  it(
    'may be a plot that ended the page: it is drawn again only when asked for',
    async () => {
      const marks = () => page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith('plot-drawing:')));
      await page.goto(`${run}/plot/z_without_end.vl.json`);
      await until(async () => (await marks()).length === 1, 5000);
      const [mark] = await marks();
      await page.goto(`${run}/plot/good.vl.json`);
      await page.locator('[data-plot-drawn]').waitFor();
      expect(await marks()).toEqual([]);
      // As a page that ended without a farewell leaves it.
      await page.evaluate((key) => sessionStorage.setItem(key.replace('z_without_end', 'good'), '1'), mark);
      await page.reload();
      await page.locator('[data-plot-fault="ended"]').waitFor();
      expect(await look(page, '72-plot-ended')).toEqual([]);
      await page.getByRole('button', { name: 'Draw it anyway' }).click();
      await page.locator('[data-plot-drawn]').waitFor();
      expect(await marks()).toEqual([]);
      // The page changes its width while the data of the plot come.
      let asked = 0;
      await page.route('**/tables/counts.csv*', async (route) => {
        asked += 1;
        await page.setViewportSize({ width: asked % 2 === 1 ? 700 : 1100, height: 900 });
        await route.continue();
      });
      await page.goto(`${run}/plot/good.vl.json`);
      await page.locator('[data-plot-drawn]').waitFor();
      expect(asked).toBeGreaterThan(0);
      const gap = () =>
        page.locator('.plot-canvas').evaluate((room) => {
          const { paddingLeft, paddingRight } = getComputedStyle(room);
          return room.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - room.querySelector('canvas')!.clientWidth;
        });
      await until(async () => Math.abs(await gap()) < 4, 10_000);
      await page.unroute('**/tables/counts.csv*');
      await page.setViewportSize({ width: 1280, height: 900 });
      visitor.faults.splice(0);
    },
    MINUTE,
  );
});
