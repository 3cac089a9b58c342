import { HeldUpLinks } from './held-up-links';

describe('HeldUpLinks', () => {
  it('lets each try again after a pause that grows, and no other one wait', () => {
    const sut = new HeldUpLinks();
    sut.fail(1, 0);
    expect([sut.mayTry(1, 9_999), sut.mayTry(1, 10_000), sut.mayTry(2, 0)]).toEqual([false, true, true]);
    sut.fail(1, 10_000);
    expect([sut.mayTry(1, 29_999), sut.mayTry(1, 30_000)]).toEqual([false, true]);
    sut.keepOnly(new Set([2]));
    expect(sut.mayTry(1, 10_000)).toBe(true);
  });

  it('gives late work up, and begins it again only once it is over', async () => {
    const sut = new HeldUpLinks();
    const { promise, reject } = Promise.withResolvers<string>();
    await expect(sut.within(1, 10, promise, () => new Error('Late.'))).rejects.toThrow('Late.');
    expect([sut.mayTry(1, 0), sut.mayTry(2, 0), sut.hanging]).toEqual([false, true, 1]);
    reject(new Error('The disk came back with an error, which nobody waits for any more.'));
    await new Promise(setImmediate);
    expect([sut.mayTry(1, 0), sut.hanging]).toEqual([true, 0]);
    expect(await sut.within(1, 1000, Promise.resolve('Read.'), () => new Error('Late.'))).toBe('Read.');
  });
});
