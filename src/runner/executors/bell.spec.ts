import { Bell } from './bell';

describe('Bell', () => {
  const LONG_MS = 600_000;

  it('ends a pause by ringing, by time and by a signal, and leaves nothing at the signal', async () => {
    const bell = new Bell();
    const { signal } = new AbortController();
    const removed = jest.spyOn(signal, 'removeEventListener');
    const rung = bell.pause(LONG_MS, signal);
    bell.ring();
    await rung;
    await bell.pause(1, signal);
    expect(removed).toHaveBeenCalledTimes(2);

    const ending = new AbortController();
    const ended = bell.pause(LONG_MS, ending.signal);
    ending.abort();
    await ended;
    await bell.pause(LONG_MS, ending.signal);
  });

  it('wakes all who wait, and nobody who comes later', async () => {
    const bell = new Bell();
    const { signal } = new AbortController();
    const both = [bell.pause(LONG_MS, signal), bell.pause(LONG_MS, signal)];
    bell.ring();
    await Promise.all(both);
    let isOver = false;
    const later = bell.pause(LONG_MS, signal).then(() => (isOver = true));
    await Promise.resolve();
    expect(isOver).toBe(false);
    bell.ring();
    await later;
  });
});
