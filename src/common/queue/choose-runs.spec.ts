import { aCapacity } from '../../../test/factories';
import * as fc from 'fast-check';
import { chooseRuns, OVERTAKEN_FOR_MS, type Candidate, type Capacity, type Share } from './choose-runs';
import { rankOfLevel } from './rank';

const DEMAND = { engine: 'process', cpu: 1000, memory: 0, gpus: 0 } as const;

let nextId = 1;
const waiting = (over: Partial<Candidate> = {}): Candidate => ({
  id: nextId++,
  rank: 0,
  ownerId: 'ada',
  pipelineId: 'nuclei',
  pipelineLimit: null,
  fence: 0,
  ...DEMAND,
  ...over,
});
const share = (ownerId: string, pipelineId = 'nuclei') => ({ ...DEMAND, ownerId, pipelineId, runnerName: 'runner-2', gpuIds: [] });
const choose = (candidates: Candidate[], held: ReturnType<typeof share>[], most: number) =>
  chooseRuns(candidates, held, aCapacity(), most).map(({ candidate }) => candidate);

describe('chooseRuns', () => {
  it('takes the lowest level before anything else', () => {
    const [low, high] = [waiting({ rank: rankOfLevel(1), ownerId: 'bob' }), waiting({ rank: 0 })];
    expect(choose([low, high], [share('ada'), share('ada')], 2)).toEqual([high, low]);
  });

  it('takes turns between owners, those with fewest held runs first', () => {
    const [a1, a2, b1, b2] = [waiting(), waiting(), waiting({ ownerId: 'bob' }), waiting({ ownerId: 'bob' })];
    expect(choose([a1, a2, b1, b2], [], 4)).toEqual([a1, b1, a2, b2]);
    expect(choose([a1, a2, b1, b2], [share('ada'), share('ada')], 3)).toEqual([b1, b2, a1]);
  });

  it('takes the oldest of an owner, whatever the order in which the candidates come', () => {
    const [first, second, third] = [waiting({ pipelineId: 'z' }), waiting({ pipelineId: 'a' }), waiting({ pipelineId: 'z' })];
    expect(choose([third, second, first], [], 3)).toEqual([first, second, third]);
  });

  it('counts held and chosen runs of a pipeline against the limit', () => {
    const narrow = Array.from({ length: 4 }, () => waiting({ pipelineLimit: 3 }));
    const wide = waiting({ pipelineId: 'wide' });
    expect(choose([...narrow, wide], [share('bob')], 9)).toEqual([narrow[0], narrow[1], wide]);
    expect(choose(narrow, [share('bob'), share('cyd'), share('cyd')], 9)).toEqual([]);
  });

  it('takes nothing where there is no place', () => {
    expect(choose([waiting()], [], 0)).toEqual([]);
  });
});

describe('people', () => {
  it('take turns where one run at a time finds a place', () => {
    const queue = [waiting(), waiting(), waiting(), waiting({ ownerId: 'bob' })];
    const first = choose(queue, [], 1)[0];
    const later = queue.filter((one) => one !== first).map((one) => ({ ...one, turn: one.ownerId === first.ownerId ? 7 : 0 }));
    expect(choose(later, [], 1)[0].ownerId).toBe('bob');
  });

  it('are counted apart for places here and places elsewhere', () => {
    const here = [waiting(), waiting({ ownerId: 'bob' })];
    const elsewhere = { ...share('ada'), engine: 'slurm' as const };
    expect(chooseRuns(here, [elsewhere], aCapacity(), 1)[0].candidate.ownerId).toBe('ada');
    expect(chooseRuns(here, [share('ada')], aCapacity(), 1)[0].candidate.ownerId).toBe('bob');
  });

  it('have at most as many runs as anybody may have', () => {
    const queue = [waiting(), waiting(), waiting(), waiting({ ownerId: 'bob' })];
    const chosen = chooseRuns(queue, [share('ada')], aCapacity(), 9, { perOwner: 2 });
    expect(chosen.map(({ candidate }) => candidate.ownerId)).toEqual(['bob', 'ada']);
  });

  it('never wait for more than one place while somebody else has hundreds of runs in the queue', () => {
    const scene = fc.record({
      slots: fc.integer({ min: 1, max: 4 }),
      busy: fc.integer({ min: 1, max: 3 }),
      ends: fc.infiniteStream(fc.nat(3)),
    });
    fc.assert(
      fc.property(scene, ({ slots, busy, ends }) => {
        const runner = aCapacity({ slots });
        let queue = Array.from({ length: 60 * busy }, (_, index) =>
          waiting({ ownerId: `busy-${index % busy}`, pipelineId: `p${index % 3}` }),
        );
        let held: (Share & { id: number })[] = [];
        const turns = new Map<string, number>();
        let turn = 0;
        const fill = () => {
          const known = queue.map((one) => ({ ...one, turn: turns.get(one.ownerId) ?? 0 }));
          const ids = chooseRuns(known, held, runner, slots - held.length).map(({ candidate }) => {
            turns.set(candidate.ownerId, (turn += 1));
            held.push({ ...candidate, runnerName: runner.name, gpuIds: [] });
            return candidate.id;
          });
          queue = queue.filter((one) => !ids.includes(one.id));
          return ids;
        };
        fill();
        const calm = waiting({ ownerId: 'calm' });
        queue.push(calm);
        // As many places become free as there are busy people: each may have a turn that is due before.
        for (let count = 0; count < busy; count += 1) {
          held.splice((ends.next().value as number) % held.length, 1);
          if (fill().includes(calm.id)) return true;
        }
        return false;
      }),
      { numRuns: 300 },
    );
  });
});

describe('a run that needs much', () => {
  const runner = aCapacity({ slots: 4, cpu: 4000 });
  const here = (over: Partial<Share> = {}): Share => ({ ...share('cyd'), runnerName: runner.name, ...over });
  const big = (over: Partial<Candidate> = {}) => waiting({ ownerId: 'big', cpu: 4000, ...over });

  it('is overtaken for a while, and then nobody behind it gets what it waits for', () => {
    const fresh = big();
    const small = waiting({ ownerId: 'ada' });
    expect(chooseRuns([fresh, small], [here()], runner, 3).map(({ candidate }) => candidate)).toEqual([small]);
    const old = { ...fresh, waitedMs: OVERTAKEN_FOR_MS };
    expect(chooseRuns([old, small], [here()], runner, 3)).toEqual([]);
    expect(chooseRuns([old, small], [], runner, 3).map(({ candidate }) => candidate)).toEqual([old]);
  });

  it('lets others have what it does not need, and whoever comes before it all that is free', () => {
    const old = big({ cpu: 3000, waitedMs: OVERTAKEN_FOR_MS });
    const [beside, urgent] = [waiting({ ownerId: 'ada' }), waiting({ ownerId: 'bob', rank: rankOfLevel(-1), cpu: 2000 })];
    const wide = { ...runner, cpu: 5000 };
    expect(chooseRuns([old, beside], [here({ cpu: 2500 })], wide, 1)).toEqual([]);
    expect(chooseRuns([old, beside], [here({ cpu: 1000 })], wide, 2).map(({ candidate }) => candidate)).toEqual([old, beside]);
    expect(chooseRuns([old, urgent], [here({ cpu: 2500 })], wide, 1).map(({ candidate }) => candidate)).toEqual([urgent]);
    const elsewhere = waiting({ ownerId: 'ada', engine: 'slurm' });
    expect(chooseRuns([old, elsewhere], [here({ cpu: 2500 })], wide, 1).map(({ candidate }) => candidate)).toEqual([elsewhere]);
  });

  it('has room saved on one of the runners that could take it', () => {
    const peers: Capacity[] = [runner, { ...runner, name: 'runner-2' }, { ...runner, name: 'tiny', cpu: 1000 }];
    const old = big({ waitedMs: OVERTAKEN_FOR_MS });
    const small = waiting({ ownerId: 'ada' });
    const saving = peers.slice(0, 2).filter((peer) => {
      const held = [here({ runnerName: peer.name })];
      return chooseRuns([old, small], held, peer, 1, undefined, { peers: () => peers }).length === 0;
    });
    expect(saving).toHaveLength(1);
    const unasked = () => {
      throw new Error('nothing has to be saved');
    };
    expect(chooseRuns([old, small], [], runner, 1, undefined, { peers: unasked })).toHaveLength(1);
  });

  it('is nothing to a runner that could never take it, also within its own line', () => {
    const hopeless = waiting({ gpus: 1, waitedMs: OVERTAKEN_FOR_MS });
    const behind = waiting();
    expect(chooseRuns([hopeless, behind], [], runner, 2).map(({ candidate }) => candidate)).toEqual([behind]);
  });

  it('starts in the end, however many small ones keep coming', () => {
    let held = [here(), here(), here()];
    const old = big({ waitedMs: OVERTAKEN_FOR_MS });
    for (let count = 0; count < 3; count += 1) {
      expect(chooseRuns([old, waiting({ ownerId: `new-${count}` })], held, runner, 4)).toEqual([]);
      held = held.slice(1);
    }
    expect(chooseRuns([old, waiting({ ownerId: 'new' })], held, runner, 4)[0].candidate).toBe(old);
  });

  it('keeps those of its own line behind it', () => {
    const fresh = big();
    const next = waiting({ ownerId: 'big' });
    expect(chooseRuns([next, fresh], [here()], runner, 2)).toEqual([]);
  });
});

describe('GPUs', () => {
  const runner = aCapacity({ gpuIds: ['0', '1', '2', 'GPU-a'], bootId: 'boot-1/7' });
  const held = (over: Partial<Share>): Share => ({ ...share('cyd'), ...over });

  it('are given once, also beside another runner of the same machine', () => {
    const queue = [waiting({ gpus: 1 }), waiting({ gpus: 1 }), waiting({ gpus: 1 })];
    const mine = held({ runnerName: runner.name, gpuIds: ['1'] });
    const neighbours = held({ runnerName: 'neighbour', bootId: 'boot-1/8', gpuIds: ['0'] });
    const elsewhere = held({ runnerName: 'far', bootId: 'boot-2/7', gpuIds: ['2', 'GPU-a'] });
    expect(chooseRuns(queue, [mine, neighbours, elsewhere], runner, 3).map(({ gpuIds }) => gpuIds)).toEqual([['2']]);
  });
});
