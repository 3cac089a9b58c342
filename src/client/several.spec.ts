import { setTimeout as sleep } from 'node:timers/promises';
import { aloneAmong, severalAtOnce } from './several';

describe('several files at a time', () => {
  /** Takes so many milliseconds for each. @returns what was shown, and how many were under way at most. */
  async function carry(pauses: readonly number[], { alone = -1, faults = [] as number[] } = {}) {
    const shown: number[] = [];
    const begun: number[] = [];
    let [underWay, most, besideAlone] = [0, 0, 0];
    const outcome = await severalAtOnce([...pauses.keys()], {
      isAlone: (index) => index === alone,
      work: async (index) => {
        begun.push(index);
        underWay += 1;
        most = Math.max(most, underWay);
        if (index === alone) besideAlone = underWay - 1;
        await sleep(pauses[index]);
        underWay -= 1;
        if (faults.includes(index)) throw new Error(`fault ${index}`);
        return index * 10;
      },
      show: (result) => shown.push(result),
    }).catch((error: Error) => error.message);
    return { outcome, shown, begun, most, besideAlone };
  }

  it('are four, shown and returned in their order whichever ends first', async () => {
    const { outcome, shown, most } = await carry([30, 1, 1, 20, 1, 1, 1]);
    expect(shown).toEqual([0, 10, 20, 30, 40, 50, 60]);
    expect([outcome, most]).toEqual([shown, 4]);
  });

  it('wait for one that goes alone, and it for them', async () => {
    expect(await carry([5, 5, 5, 5, 5], { alone: 2 })).toMatchObject({ besideAlone: 0, most: 2, shown: [0, 10, 20, 30, 40] });
  });

  it('end with the first fault in their order, after what was under way, and begin no further one', async () => {
    const { outcome, shown, begun } = await carry([1, 20, 5, 10, 200, 1, 1, 1], { faults: [1, 2] });
    expect([outcome, shown]).toEqual(['fault 1', [0, 30, 40]]);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  it('go alone where they are large, or would be one and the same file', () => {
    const files = ['a.txt', 'B.txt', 'b.TXT', 'ä', 'a\u0308', 'large'].map((name) => ({ name, size: name === 'large' ? 2e6 : 10 }));
    const isAlone = aloneAmong(files, ({ name }) => name);
    expect(files.map(isAlone)).toEqual([false, true, true, true, true, true]);
  });
});
