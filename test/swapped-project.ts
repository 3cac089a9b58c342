import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Type } from '@nestjs/common';
import type { Project } from '../src/common/projects/project.entity';
import { folderOf } from './archive-steps';
import { createProject } from './project-steps';
import { startSwapping, type Swapping } from './swapped-folder';
import { startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from './web-app';

/** How often each route is tried: a sample here, as many as there is time for; 20,000 in `npm run campaign containment`. */
export const TRIES = Number(process.env['CONTAINMENT_TRIES'] ?? 500);
/** As many requests at a time. */
const LANES = 4;
/** Both outcomes must have been met so often for a test to say anything. */
const LEAST = 20;
/** Where work takes long, folders are swapped rarely; that both outcomes were met says the rest. */
const LEAST_SWAPS = 5;
/** A busy machine may put the swapper to sleep at one side: so long it goes on after the last try until both outcomes were met. */
const MOST_LONGER_MS = 20_000;
/** Then it ends in any case, before jest loses its patience and another test begins beside it. */
const MOST_MS = 75_000 + TRIES * 25;

/** Words in every file outside, and in the name of one that is nowhere else. */
export const OUTSIDE = 'kept-elsewhere';
const REFUSALS = new Set([403, 404, 409, 422]);

export interface Tally {
  worked: number;
  refused: number;
}

/** A project of a person, on whose folders routes are tried while another process swaps them for links to a folder that nobody may see. */
export class SwappedProject {
  private constructor(
    readonly web: TestWebApp,
    readonly browser: TestBrowser,
    readonly project: Project,
    /** Where the links lead. */
    readonly outside: string,
    /** Of its forms. */
    readonly token: string,
  ) {}

  static async open(settings: Record<string, string> = {}, modules: Type[] = []): Promise<SwappedProject> {
    const web = await startTestWebApp({ USER_SPACE: '0', ...settings }, modules);
    const browser = web.browser();
    await browser.signUp();
    return SwappedProject.of(web, browser, await createProject(web, browser, 'Swapped'));
  }

  /** The same on a project that is there. */
  static async of(web: TestWebApp, browser: TestBrowser, project: Project): Promise<SwappedProject> {
    return new SwappedProject(web, browser, project, mkdtempSync(join(tmpdir(), 'outside-')), await browser.token('/projects'));
  }

  async close(): Promise<void> {
    await this.web.close();
    rmSync(this.outside, { recursive: true, force: true });
  }

  get folder(): string {
    return folderOf(this.web, this.project);
  }

  get address(): string {
    return `/projects/${this.project.id}`;
  }

  /** Writes a file of the project. */
  put(name: string, content: string | Buffer): void {
    write(join(this.folder, name), content);
  }

  /** Writes a file that nobody may see. */
  putOutside(name: string, content: string | Buffer): void {
    write(join(this.outside, name), content);
  }

  remove(name: string): void {
    rmSync(join(this.folder, name), { recursive: true, force: true });
  }

  removeOutside(name: string): void {
    rmSync(join(this.outside, name), { recursive: true, force: true });
  }

  /** Names in a folder of the project; none where it is missing. */
  names(folder: string): string[] {
    return existsSync(join(this.folder, folder)) ? readdirSync(join(this.folder, folder)) : [];
  }

  post(path: string, fields: [string, string][], headers: Record<string, string> = {}): Promise<TestAnswer> {
    const body = new URLSearchParams([['_csrf', this.token], ...fields]).toString();
    return this.browser.postBody(`${this.address}/${path}`, body, headers);
  }

  /**
   * Swaps folders while `work` is done, and then looks whether the outside was touched, and whether anything of it came in.
   * @returns what went past the walk, in words; none where all is well.
   */
  async during(swapping: Partial<Omit<Swapping, 'outside'>>, work: () => Promise<unknown>): Promise<string[]> {
    const before = this.arm();
    const end = await startSwapping({ root: this.folder, names: ['dir'], ...swapping, outside: this.outside });
    let swaps: number;
    try {
      await work();
    } finally {
      swaps = await end();
    }
    if (swaps < LEAST_SWAPS) throw new Error(`There were only ${swaps} swaps`);
    return [...this.changesOutside(before), ...this.strangersInside()];
  }

  /** Sets the times of reading back, so that the file system notes the next one. */
  private arm(): Map<string, BigIntStats> {
    const long = new Date(Date.now() - 30 * 86_400_000);
    const paths = [...everythingBelow(this.outside)];
    for (const path of paths) utimesSync(path, long, lstatSync(path).mtime);
    return new Map(paths.map((path) => [path, lstatSync(path, { bigint: true })]));
  }

  /** Whatever was read has another time of access, whether an answer told it or not. */
  private changesOutside(before: Map<string, BigIntStats>): string[] {
    const changes: string[] = [];
    for (const [path, old] of before) {
      const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (!now) changes.push(`${path} is gone`);
      else if (now.atimeNs !== old.atimeNs) changes.push(`${path} was read`);
      else if (now.ctimeNs !== old.ctimeNs || now.mtimeNs !== old.mtimeNs || now.nlink !== old.nlink) changes.push(`${path} was changed`);
    }
    for (const path of everythingBelow(this.outside)) if (!before.has(path)) changes.push(`${path} was made`);
    return changes;
  }

  /** Files of the owner, those in staging too, that came from outside. */
  private strangersInside(): string[] {
    const strangers: string[] = [];
    for (const path of everythingBelow(dirname(this.folder))) {
      const isFile = lstatSync(path).isFile();
      if (path.includes(OUTSIDE) || (isFile && readFileSync(path).includes(OUTSIDE))) strangers.push(`${path} came from outside`);
    }
    return strangers;
  }
}

/** Calls it on some lanes until it was tried often enough and both outcomes were met. @param each says how many tries it stood for. */
export async function storm(each: (number: number) => Promise<Tally>, lanes = LANES): Promise<Tally> {
  const sum = { worked: 0, refused: 0 };
  let number = 0;
  let untilMs = Number.POSITIVE_INFINITY;
  const lastMs = performance.now() + MOST_MS;
  const goesOn = () => {
    if (performance.now() > lastMs) return false;
    if (sum.worked + sum.refused < TRIES) return true;
    if (untilMs === Number.POSITIVE_INFINITY) untilMs = performance.now() + MOST_LONGER_MS;
    return Math.min(sum.worked, sum.refused) < LEAST && performance.now() < untilMs;
  };
  const lane = async () => {
    while (goesOn()) {
      const { worked, refused } = await each(number++);
      sum.worked += worked;
      sum.refused += refused;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return sum;
}

/** How an answer counts. @param done tries that its request stood for if it was carried out, `refused` otherwise. @throws for one that tells of the outside, or is no plain refusal. */
export function tally({ status, body, headers }: TestAnswer, done = 1, refused = 1): Tally {
  if (body.includes(OUTSIDE) || JSON.stringify(headers).includes(OUTSIDE)) throw new Error(`An answer (${status}) tells of the outside`);
  if (status < 400) return { worked: done, refused: 0 };
  if (REFUSALS.has(status)) return { worked: 0, refused };
  throw new Error(`${status} is no plain refusal: ${body.slice(0, 3000)}`);
}

/** Fails unless both outcomes were met in all those tries; a campaign is told how often. */
export function requireBoth({ worked, refused }: Tally): void {
  if (process.env['CONTAINMENT_TRIES'])
    process.stdout.write(`${expect.getState().currentTestName}: ${worked} worked, ${refused} refused\n`);
  expect(worked + refused).toBeGreaterThanOrEqual(TRIES);
  expect(Math.min(worked, refused)).toBeGreaterThanOrEqual(LEAST);
}

/** The folder itself and all below it; links are not followed. */
function* everythingBelow(path: string): Generator<string> {
  yield path;
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) yield* everythingBelow(join(path, name));
}

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
