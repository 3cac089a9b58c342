import type { Browser } from 'playwright-core';
import { fullWorld } from '../sheet/full-world';
import { closeAll } from '../sheet/laboratory';
import type { Shot, World } from '../sheet/shot';
import { enter, visit, type Scales } from '../sheet/visit';
import { overweight } from '../sheet/weights';
import { launchBrowser } from './browser';

const MINUTE = 60_000;
const AT_ONCE = 3;

describe('pages with very much on them, in a browser that has seen none before', () => {
  let world: World;
  let browser: Browser;

  beforeAll(async () => {
    world = await fullWorld();
    browser = await launchBrowser();
  }, 3 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await closeAll();
  });

  it(
    'weigh no more than they may, and ask nobody else for anything',
    async () => {
      const scales: Scales = new Map();
      const objections: string[] = [];
      let seen = 0;
      const weigh = async (shot: Shot) => {
        const visitor = await enter(browser, world, shot);
        const found = await visit(visitor.page, shot, scales);
        expect(found.weight.html).toBeGreaterThan(0);
        objections.push(...[...overweight(found), ...visitor.faults].map((said) => `${shot.family}/${shot.name}: ${said}`));
        seen += 1;
        await visitor.context.close();
      };
      const waiting = [...world.shots];
      const weigher = async () => {
        for (let shot = waiting.shift(); shot; shot = waiting.shift()) await weigh(shot);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, weigher));
      expect(objections).toEqual([]);
      expect(seen).toBeGreaterThan(30);
    },
    3 * MINUTE,
  );
});
