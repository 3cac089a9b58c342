import { aCapacity } from '../../../test/factories';
import { chooseRuns, type Candidate } from './choose-runs';

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
  it('takes the lowest rank before anything else', () => {
    const [low, high] = [waiting({ rank: 1, ownerId: 'bob' }), waiting({ rank: 0 })];
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
