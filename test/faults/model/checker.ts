import { isFinal, TRANSITIONS, type TransitionName } from '../../../src/common/queue/run-state';
import type { Engine } from '../../../src/common/pipelines/runtime';
import { BOUNDS, Protocol, type Flaw, type Step, type World } from './protocol';

export type Invariant =
  | 'I1 an attempt begins at most once'
  | 'I2 at most one payload is alive'
  | 'I3 no more beginnings than starts, no more starts than allowed'
  | 'I4 a final row never changes'
  | 'I5 no write with an old fence'
  | 'I6 nothing of a final run is alive'
  | 'I7 a success has a good record of its own'
  | 'every state can still end';

export interface Report {
  states: number;
  /** For each broken invariant the shortest way to break it. */
  broken: Map<Invariant, string[]>;
  /** Transitions that were never made. */
  unused: TransitionName[];
}

const MOST_STATES = 1_500_000;

/**
 * Visits every state that the protocol can reach, breadth first, so that each fault comes with its shortest story.
 * @param until stop when this invariant is seen to be broken.
 */
export function check(engine: Engine, flaw: Flaw | null = null, until?: Invariant): Report {
  const protocol = new Protocol(engine, flaw);
  const search = new Search();
  for (const world of protocol.beginnings()) search.discover(world, null, 'begin');
  for (let index = 0; index < search.nodes.length; index += 1) {
    if (search.nodes.length > MOST_STATES) throw new Error(`more than ${MOST_STATES} states: the bounds of the model are too wide`);
    if (until && search.broken.has(until)) break;
    const { world } = search.nodes[index];
    for (const step of protocol.next(world)) {
      const target = search.discover(step.world, index, step.name);
      for (const invariant of faults(world, step)) search.report(invariant, target);
    }
  }
  if (!until) search.reportDeadEnds();
  const unused = TRANSITIONS.map((transition) => transition.name).filter((name) => !protocol.made.has(name));
  return { states: search.nodes.length, broken: search.broken, unused };
}

interface Node {
  world: World;
  parent: number | null;
  by: string;
  before: number[];
}

class Search {
  readonly nodes: Node[] = [];
  readonly broken = new Map<Invariant, string[]>();
  private readonly known = new Map<string, number>();

  discover(world: World, parent: number | null, by: string): number {
    const key = keyOf(world);
    let index = this.known.get(key);
    if (index === undefined) {
      index = this.nodes.push({ world, parent, by, before: [] }) - 1;
      this.known.set(key, index);
    }
    if (parent !== null) this.nodes[index].before.push(parent);
    return index;
  }

  report(invariant: Invariant, index: number): void {
    if (!this.broken.has(invariant)) this.broken.set(invariant, this.story(index));
  }

  /** Walks backwards from all final states; what is not met on the way can never end. */
  reportDeadEnds(): void {
    const canEnd = new Set([...this.nodes.keys()].filter((index) => isFinal(this.nodes[index].world.row.state)));
    for (const index of canEnd) for (const before of this.nodes[index].before) canEnd.add(before);
    const dead = this.nodes.findIndex((_node, index) => !canEnd.has(index));
    if (dead !== -1) this.report('every state can still end', dead);
  }

  private story(index: number): string[] {
    const names: string[] = [];
    for (let at: number | null = index; at !== null; at = this.nodes[at].parent) names.unshift(this.nodes[at].by);
    return names;
  }
}

/** Two runners that change places make no other world. */
function keyOf(world: World): string {
  const runners = world.runners.map((belief) => JSON.stringify(belief)).sort(compareText);
  const { row, attempts, begunBefore, crashes, hasty, permission } = world;
  return JSON.stringify([row, attempts, begunBefore, crashes, hasty, permission]) + runners.join();
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function* faults(before: World, { world, wrote }: Step): Generator<Invariant> {
  const alive = world.attempts.filter((attempt) => attempt.alive).length;
  const beginnings = world.attempts.reduce((sum, attempt) => sum + attempt.begun, world.begunBefore);
  if (world.attempts.some((attempt) => attempt.begun > 1)) yield 'I1 an attempt begins at most once';
  if (alive > 1) yield 'I2 at most one payload is alive';
  // One that the database lost is counted again when its run is discovered.
  const permitted = world.row.starts + (world.permission === 'lost' ? 1 : 0);
  if (beginnings > permitted || world.row.starts > BOUNDS.maxStarts) {
    yield 'I3 no more beginnings than starts, no more starts than allowed';
  }
  if (isFinal(before.row.state) && rest(before.row) !== rest(world.row)) yield 'I4 a final row never changes';
  if (wrote !== undefined && before.runners[wrote]?.fence !== before.row.fence) yield 'I5 no write with an old fence';
  const last = world.attempts[world.row.attempt - 1];
  if (world.row.state === 'succeeded' && last?.record !== 'good') yield 'I7 a success has a good record of its own';
  if (isFinal(world.row.state) && alive > 0 && !world.row.declared) yield 'I6 nothing of a final run is alive';
}

/** What a final row must keep; how attempts and fences are numbered is up to the model. */
function rest({ state, starts, startFailures, cancel }: World['row']): string {
  return JSON.stringify([state, starts, startFailures, cancel]);
}
