import { UnavailableError } from '../errors';
import { Turns } from './turns';

describe('turns', () => {
  it('come one after the other, and whoever leaves the line makes room', async () => {
    const turns = new Turns(1, 64);
    const order: string[] = [];
    let end = () => undefined as void;
    const first = turns.take(() => new Promise<void>((resolve) => (end = resolve)));
    const left = new AbortController();
    const second = turns.take(async () => void order.push('second'), left.signal);
    const third = turns.take(async () => void order.push('third'));
    left.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    end();
    await Promise.all([first, third]);
    await turns.take(async () => void order.push('fourth'));
    expect(order).toEqual(['third', 'fourth']);
  });

  it('are not to be had when too many wait', async () => {
    const turns = new Turns(1, 64);
    let end = () => undefined as void;
    const all = [turns.take(() => new Promise<void>((resolve) => (end = resolve)))];
    for (let waiting = 0; waiting < 64; waiting += 1) all.push(turns.take(async () => undefined));
    await expect(turns.take(async () => undefined)).rejects.toThrow(UnavailableError);
    end();
    await Promise.all(all);
  });
});
