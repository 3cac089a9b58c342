/**
 * `npm run sheet [-- --only <word>]`: a contact sheet of every page. Starts the product in four states (empty, typical, full, errors), looks
 * at every page in both themes and at three widths, and writes single pictures and labelled sheets of them to test/screenshots/sheet. Fails
 * when axe objects to a page, when a page is too wide or too heavy, and when the product has a page that stands on no sheet.
 * A word takes those pages whose world, family, name or address holds it; a world of which it takes none is not filled.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser, SCREENSHOTS } from '../e2e/browser';
import { Camera, type Sighting } from './camera';
import { composeSheets } from './compose';
import { emptyWorld } from './empty-world';
import { errorWorld } from './error-world';
import { fullWorld } from './full-world';
import { closeAll } from './laboratory';
import { missingPages } from './routes';
import type { Shot, World, WorldName } from './shot';
import { typicalWorld } from './typical-world';
import { heaviest, overweight } from './weights';

const FOLDER = join(SCREENSHOTS, 'sheet');
const AT_ONCE = 3;
const MAKERS: Record<WorldName, () => Promise<World>> = { empty: emptyWorld, typical: typicalWorld, full: fullWorld, error: errorWorld };

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void closeAll().then(() => process.exit(130)));
main().then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    void closeAll().then(() => process.exit(1));
  },
);

/** @returns its exit status. */
async function main(): Promise<number> {
  const began = Date.now();
  const at = process.argv.indexOf('--only');
  const word = at === -1 ? '' : (process.argv[at + 1] ?? '');
  if (word === '') rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const browser = await launchBrowser();
  const [sightings, shots]: [Sighting[], Shot[]] = [[], []];
  const makers = makersFor(word);
  // The next world is filled while people look at the one before it.
  let next = fill(makers[0]);
  for (const [index] of makers.entries()) {
    const world = await next;
    tell(`${world.name}: filled after ${seconds(began)} s`);
    if (index + 1 < makers.length) next = fill(makers[index + 1]);
    shots.push(...world.shots);
    sightings.push(...(await lookAt(browser, world, word)));
    await world.laboratory.close();
  }
  await browser.close();
  const sheets = await compose(sightings);
  const faults = [...faultsOf(sightings), ...(word === '' ? await missingPages(shots) : [])];
  const weighed = sightings.flatMap(({ world, shot, visit }) => (visit ? [{ name: `${world}/${shot.name}`, visit }] : []));
  tell([...heaviest(weighed), '', ...sheets.map((path) => relative(process.cwd(), path)), '', ...faults].join('\n'));
  const pictures = sightings.reduce((sum, one) => sum + one.pictures.length, 0);
  tell(`${sightings.length} pages, ${pictures} pictures, ${sheets.length} sheets, ${faults.length} faults in ${seconds(began)} s`);
  return faults.length > 0 ? 1 : 0;
}

function fill(maker: () => Promise<World>): Promise<World> {
  const filled = maker();
  // Whoever waits for it hears of it.
  filled.catch(() => undefined);
  return filled;
}

/** A word that names a world takes that one alone. */
function makersFor(word: string): (() => Promise<World>)[] {
  return word in MAKERS ? [MAKERS[word as WorldName]] : Object.values(MAKERS);
}

async function lookAt(browser: Browser, world: World, word: string): Promise<Sighting[]> {
  const camera = new Camera(browser, join(FOLDER, 'pages'));
  const wanted = world.shots.filter((shot) => [world.name, shot.family, shot.name, shot.address].some((text) => text.includes(word)));
  const sightings = new Map<Shot, Sighting>();
  const take = async (shot: Shot) => {
    const sighting = await camera.take(world, shot);
    if (sighting.visit) sighting.objections.push(...overweight(sighting.visit));
    sightings.set(shot, sighting);
  };
  const together = wanted.filter(({ alone }) => !alone);
  const photographer = async () => {
    for (let shot = together.shift(); shot; shot = together.shift()) await take(shot);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, photographer));
  for (const shot of wanted.filter(({ alone }) => alone)) await take(shot);
  return wanted.map((shot) => sightings.get(shot)!);
}

async function compose(sightings: readonly Sighting[]): Promise<string[]> {
  const families = [...new Set(sightings.map(({ shot }) => shot.family))];
  const sheets: string[] = [];
  for (const family of families) {
    const some = sightings.filter(({ shot }) => shot.family === family);
    sheets.push(...(await composeSheets(family, some, FOLDER)));
  }
  return sheets;
}

function faultsOf(sightings: readonly Sighting[]): string[] {
  return sightings.flatMap(({ world, shot, objections }) =>
    objections.map((objection) => `${world}/${shot.family}/${shot.name} ${shot.address}: ${objection}`),
  );
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
