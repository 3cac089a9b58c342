import { chooseRuns, type Candidate } from './choose-runs';

let nextId = 1;
const waiting = (over: Partial<Candidate> = {}): Candidate => ({
  id: nextId++,
  rank: 0,
  ownerId: 'ada',
  pipelineId: 'nuclei',
  pipelineLimit: null,
  fence: 0,
  ...over,
});
const share = (ownerId: string, pipelineId = 'nuclei') => ({ ownerId, pipelineId });

describe('chooseRuns', () => {
  it('takes the lowest rank before anything else', () => {
    const [low, high] = [waiting({ rank: 1, ownerId: 'bob' }), waiting({ rank: 0 })];
    expect(chooseRuns([low, high], [share('ada'), share('ada')], 2)).toEqual([high, low]);
  });

  it('takes turns between owners, those with fewest held runs first', () => {
    const [a1, a2, b1, b2] = [waiting(), waiting(), waiting({ ownerId: 'bob' }), waiting({ ownerId: 'bob' })];
    expect(chooseRuns([a1, a2, b1, b2], [], 4)).toEqual([a1, b1, a2, b2]);
    expect(chooseRuns([a1, a2, b1, b2], [share('ada'), share('ada')], 3)).toEqual([b1, b2, a1]);
  });

  it('takes the oldest of an owner, whatever the order in which the candidates come', () => {
    const [first, second, third] = [waiting({ pipelineId: 'z' }), waiting({ pipelineId: 'a' }), waiting({ pipelineId: 'z' })];
    expect(chooseRuns([third, second, first], [], 3)).toEqual([first, second, third]);
  });

  it('counts held and chosen runs of a pipeline against the limit', () => {
    const narrow = Array.from({ length: 4 }, () => waiting({ pipelineLimit: 3 }));
    const wide = waiting({ pipelineId: 'wide' });
    expect(chooseRuns([...narrow, wide], [share('bob')], 9)).toEqual([narrow[0], narrow[1], wide]);
    expect(chooseRuns(narrow, [share('bob'), share('cyd'), share('cyd')], 9)).toEqual([]);
  });

  it('takes nothing where there is no place', () => {
    expect(chooseRuns([waiting()], [], 0)).toEqual([]);
  });
});
