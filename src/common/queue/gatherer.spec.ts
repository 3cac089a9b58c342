import { Gatherer, type Outcome } from './gatherer';

describe('Gatherer', () => {
  const batches: number[][] = [];
  const begun = () => batches.length;
  let letGo: () => void = () => undefined;
  const gatherer = new Gatherer<number, string>(async (calls) => {
    batches.push(calls);
    await new Promise<void>((resolve) => (letGo = resolve));
    if (calls.includes(99)) throw new Error('all');
    return calls.map((call): Outcome<string> => (call < 0 ? { error: new Error(`no ${call}`) } : { answer: `yes ${call}` }));
  });

  beforeEach(() => batches.splice(0));

  it('carries out together what is asked in one turn, and what comes while that is under way', async () => {
    const first = Promise.all([gatherer.ask(1), gatherer.ask(2)]);
    await Promise.resolve();
    expect(batches).toEqual([[1, 2]]);
    const second = Promise.all([gatherer.ask(3), gatherer.ask(4), gatherer.ask(5)]);
    letGo();
    expect(await first).toEqual(['yes 1', 'yes 2']);
    expect(begun()).toBe(2);
    letGo();
    expect(await second).toEqual(['yes 3', 'yes 4', 'yes 5']);
    expect(batches).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('answers each call for itself, and all of them when the whole fails', async () => {
    const answers = Promise.allSettled([gatherer.ask(1), gatherer.ask(-2)]);
    await Promise.resolve();
    letGo();
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const failed = Promise.allSettled([gatherer.ask(1), gatherer.ask(99)]);
    await Promise.resolve();
    letGo();
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const after = gatherer.ask(7);
    await Promise.resolve();
    letGo();
    expect(await after).toBe('yes 7');
  });

  it('asks for no more at once than one statement should carry', async () => {
    const all = Promise.all(Array.from({ length: 100 }, (_, index) => gatherer.ask(index % 90)));
    await Promise.resolve();
    letGo();
    while (begun() < 2) await new Promise((resolve) => setImmediate(resolve));
    letGo();
    expect(await all).toHaveLength(100);
    expect(batches.map(({ length }) => length)).toEqual([64, 36]);
  });
});
