import { rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { SafeDirectory } from '../../../src/common/files/safe-directory';
import { FolderIndexes } from '../../../src/common/files/threads/folder-indexes';
import { RunResults } from '../../../src/web/show/run-results';
import { tiff } from '../../tiff';
import { until } from '../../until';
import type { TestAnswer } from '../../web-app';
import { ShowStage, wordsOf } from './show-stage';

const BEING_WRITTEN = 'Being written. It appears here as soon as it is whole.';
const HOUR_MS = 3_600_000;

describe('the results of a run that still writes', () => {
  let stage: ShowStage;
  let png: Buffer;

  beforeAll(async () => {
    stage = await ShowStage.open();
    const pixels = Buffer.from(Uint8Array.from({ length: 64 * 64 * 3 }, () => Math.random() * 256));
    png = await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
  });
  afterAll(() => stage.close());

  /** What an open page asks: at the address that it, or the last answer, has. */
  class OpenPage {
    private address = '';

    constructor(readonly runId: number) {}

    async load(): Promise<string> {
      return this.keep(await stage.page(this.runId));
    }

    async look(): Promise<TestAnswer> {
      const answer = await stage.owner.get(this.address, { 'x-live': 'yes' });
      if (answer.status === 200) this.keep(answer.body);
      return answer;
    }

    /** Looks until there is something new. */
    async news(): Promise<string> {
      let answer = await this.look();
      await until(async () => {
        if (answer.status === 204) answer = await this.look();
        return answer.status !== 204;
      }, 15_000);
      expect(answer.status).toBe(200);
      return answer.body;
    }

    private keep(body: string): string {
      this.address = /data-look="([^"]+)"/.exec(body)![1].replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
      return body;
    }
  }

  const aged = (runId: number, name: string) => utimes(stage.resultPath(runId, name), new Date(), new Date(Date.now() - HOUR_MS));

  it('come to an open page when they are there, and cost next to nothing until then', async () => {
    const { id, fence } = await stage.running();
    const page = new OpenPage(id);
    expect(wordsOf(await page.load())).toMatch(/Results so far Nothing has been written so far\./);
    expect((await page.look()).status).toBe(204);
    await stage.writeResult(id, 'overlay.png', png);
    await stage.writeResult(id, 'deep/cells.csv', 'cell,area\n1,20\n2,30');
    const fresh = await page.news();
    expect(wordsOf(fresh)).toMatch(/Results so far 2 files, .*, more may come/);
    expect(fresh).toContain(`src="/runs/${id}/files/overlay.png?v`);
    // A row is shown once it is ended.
    expect(wordsOf(fresh)).toMatch(/cells\.csv 1 row .*cell area 1 20 Result files/);
    expect((await page.look()).status).toBe(204);
    await stage.store.reportProgress({ runId: id, fence }, 30, 'tile 3');
    expect((await page.look()).status).toBe(205);
    await page.load();
    expect((await page.look()).status).toBe(204);
    await stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null });
    expect((await page.look()).status).toBe(205);
    expect(await stage.page(id)).not.toContain('data-look');
  });

  it('keep their elements when the run ends, so that the last page is merged in place', async () => {
    const { id, fence } = await stage.running();
    await stage.writeResult(id, 'a.png', png);
    await stage.writeResult(id, 'b.png', png);
    await stage.writeResult(id, 'cells.csv', 'cell\n1\n');
    const ids = (body: string) => [...body.matchAll(/ id="((?:results|picture|paper|file|group)[^"]*)"/g)].map(([, one]) => one);
    const before = ids(await stage.page(id));
    expect(before).toHaveLength(9);
    await stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null });
    expect(ids(await stage.page(id)).sort()).toEqual(before.sort());
  });

  it('show words in place of a picture that is half written, and the picture once it is whole', async () => {
    const { id, fence } = await stage.running();
    const page = new OpenPage(id);
    await stage.writeResult(id, 'overlay.png', png.subarray(0, 3000));
    await aged(id, 'overlay.png');
    const half = await page.load();
    expect(wordsOf(half)).toContain(BEING_WRITTEN);
    expect(half).not.toContain('<img');
    await stage.writeResult(id, 'overlay.png', png);
    const whole = await page.news();
    expect(wordsOf(whole)).not.toContain(BEING_WRITTEN);
    expect(whole).toContain(`<img src="/runs/${id}/files/overlay.png?v`);
    // One that stays torn is made the best of, by a process of its own, when the run is over.
    await truncate(stage.resultPath(id, 'overlay.png'), 3000);
    await stage.store.finish({ runId: id, fence }, { state: 'failed', exitCode: 1, note: null });
    const over = await stage.page(id);
    expect(wordsOf(over)).not.toContain(BEING_WRITTEN);
    const source = /<img src="(\/runs\/\d+\/views\/overlay\.png[^"]*)"/.exec(over)![1];
    expect((await stage.bytes(source)).type).toBe('image/png');
  });

  it('wait with pictures that have to be made until their file rests', async () => {
    const { id } = await stage.running();
    const page = new OpenPage(id);
    await stage.writeResult(
      id,
      'mask.tif',
      tiff(
        Uint16Array.from({ length: 64 }, () => 1),
        8,
        8,
      ),
    );
    expect(wordsOf(await page.load())).toContain(BEING_WRITTEN);
    // Nothing is written any more: that it rests is news.
    expect(await page.news()).toContain(`<img src="/runs/${id}/views/mask.tif?v`);
    await writeFile(
      stage.resultPath(id, 'mask.tif'),
      tiff(
        Uint16Array.from({ length: 64 }, () => 2),
        8,
        8,
      ).subarray(0, 60),
    );
    expect(wordsOf(await page.news())).toContain(BEING_WRITTEN);
  });

  it('are looked at once for all who look, now and then, and not when nobody does', async () => {
    const { id } = await stage.running();
    await stage.writeResult(id, 'a.txt', 'x');
    const tree = jest.spyOn(stage.web.app.get(RunResults), 'tree');
    try {
      const pages = await Promise.all(Array.from({ length: 12 }, () => stage.page(id)));
      expect(pages.every((body) => body.includes('a.txt'))).toBe(true);
      const page = new OpenPage(id);
      await page.load();
      for (let times = 0; times < 20; times += 1) expect((await page.look()).status).toBe(204);
      expect(tree).toHaveBeenCalledTimes(1);
    } finally {
      tree.mockRestore();
    }
  });

  it('may be a file that grows by gigabytes, and files that come, go and change places while they are read', async () => {
    const { id } = await stage.running();
    const page = new OpenPage(id);
    for (const name of ['growing.csv', 'growing.txt', 'growing.json', 'growing.png', 'growing.tif']) await stage.writeResult(id, name, 'x');
    await page.load();
    const rss = process.memoryUsage().rss;
    let size = 1_000_000_000;
    const over = new AbortController();
    const grow = (async () => {
      for (let turn = 0; !over.signal.aborted; turn += 1) {
        size += 100_000_000;
        for (const name of ['growing.csv', 'growing.txt', 'growing.json', 'growing.png', 'growing.tif']) {
          await truncate(stage.resultPath(id, name), size);
        }
        await stage.writeResult(id, `comes-${turn % 7}.png`, png.subarray(0, (turn * 977) % png.length));
        await rename(stage.resultPath(id, `comes-${turn % 7}.png`), stage.resultPath(id, `goes-${turn % 5}.png`)).catch(() => undefined);
        await rm(stage.resultPath(id, `goes-${(turn + 2) % 5}.png`), { force: true });
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    for (let looks = 0; looks < 3; looks += 1) {
      const began = performance.now();
      expect((await page.news()).length).toBeLessThan(400_000);
      expect(performance.now() - began).toBeLessThan(10_000);
    }
    over.abort();
    await grow;
    expect(process.memoryUsage().rss - rss).toBeLessThan(150_000_000);
  });

  it('may be very many: their names are read and sorted by threads, so that nobody else waits', async () => {
    const { id } = await stage.running();
    await stage.writeResult(id, 'tiles/1.png', png);
    const indexes = stage.web.app.get(FolderIndexes);
    const [asked, list] = [jest.spyOn(indexes, 'ask'), jest.spyOn(SafeDirectory.prototype, 'list')];
    try {
      expect(wordsOf(await stage.page(id))).toContain('tiles/1.png');
      expect(asked).toHaveBeenCalledTimes(2);
      expect(list).not.toHaveBeenCalled();
    } finally {
      asked.mockRestore();
      list.mockRestore();
    }
  });
});
