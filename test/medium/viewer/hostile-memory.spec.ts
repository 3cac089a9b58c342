import { readFileSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { heldBytes } from '../../held-bytes';
import { tiff } from '../../tiff';
import { pngThatClaims } from '../../png';
import { ShowStage } from '../show/show-stage';

/** What a look of several people at once may cost this process, in MiB: pages, answers, and what waits to be collected. */
const MOST_GROWTH = 100;
/** What may be left of all looks together. */
const MOST_LEFT = 50;
const AT_ONCE = 8;

/** Dots that lie in a tile each, at most levels. */
const dots = (count: number) =>
  JSON.stringify(
    Array.from({ length: count }, (_, index) => ({
      type: 'Point',
      coordinates: [(index % 250) * 7000, Math.floor(index / 250) * 7000],
    })),
  );
/** Many shapes around the same point, with many corners each. */
const nested = (count: number, corners: number) => {
  const ring = Array.from({ length: corners }, (_, corner) => {
    const turn = (corner / corners) * 2 * Math.PI;
    return [500 + 400 * Math.cos(turn), 500 + 400 * Math.sin(turn)].map(Math.round);
  });
  return JSON.stringify(Array.from({ length: count }, () => ({ type: 'Polygon', coordinates: [ring] })));
};

describe('files that are made to take memory', () => {
  let stage: ShowStage;
  let id: number;

  beforeAll(async () => {
    stage = await ShowStage.open();
    const packed = deflateSync(Buffer.alloc(30_000_000), { level: 9 });
    id = await stage.ended({
      'dots.geojson': dots(40_000),
      'nested.geojson': nested(100, 2000),
      'deep.geojson': '['.repeat(1_000_000),
      'whole.png': pngThatClaims(16_000, 16_000, { bits: 16, colour: 6, interlaced: true }),
      'wide.png': pngThatClaims(100_000, 100_000),
      'packed.tif': tiff(new Uint8Array(packed), packed.length, 1),
      'words.csv': `a,b\n${'"'.repeat(3_000_000)}\n`,
      'wide.csv': `${'x,'.repeat(500_000)}x\n`,
      'zeros.csv': Buffer.alloc(5_000_000),
      'deep.json': '[{"a":'.repeat(500_000),
      'entities.xml': `<!DOCTYPE a [${Array.from({ length: 40 }, (_, index) => `<!ENTITY a${index} "${`&a${index - 1};`.repeat(10)}">`).join('')}]><a>&a39;</a>`,
    });
  }, 60_000);
  afterAll(() => stage.close());

  const peakMiB = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;

  it('cost the process that serves them next to nothing, however many look at them at once', async () => {
    const places = [
      'tiles/lines/results/dots.geojson?level=0&x=0&y=0',
      'tiles/shape/results/dots.geojson?x=7000&y=7000',
      'tiles/shape/results/nested.geojson?x=500&y=500',
      'tiles/lines/results/deep.geojson?level=0&x=0&y=0',
      ...['whole.png', 'wide.png', 'packed.tif'].flatMap((name) => [
        `tiles/values/results/${name}?page=0&level=0&x=0&y=0`,
        `viewer/${name}`,
        `views/${name}`,
      ]),
      ...['words.csv', 'wide.csv', 'zeros.csv'].map((name) => `table/${name}`),
      '',
    ];
    await stage.page(id);
    const held = heldBytes();
    const growth: [string, number][] = [];
    for (const place of places) {
      // How much rubbish V8 lets lie depends on all that ran in this process before, and says nothing of this place.
      heldBytes();
      writeFileSync('/proc/self/clear_refs', '5');
      const before = peakMiB();
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => stage.bytes(`/runs/${id}/${place}`)));
      expect([place, answers.filter(({ status }) => ![200, 404, 422].includes(status)).map(({ status }) => status)]).toEqual([place, []]);
      growth.push([place, peakMiB() - before]);
    }
    expect(growth.filter(([, grown]) => grown > MOST_GROWTH)).toEqual([]);
    expect((heldBytes() - held) / 1024 / 1024).toBeLessThan(MOST_LEFT);
  }, 120_000);
});
