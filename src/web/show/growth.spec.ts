import { jest } from '@jest/globals';
import { Growth } from './growth';

const file = (mtimeMs: number) => ({ address: 'a.png', size: 1, mtimeMs }) as never;

describe('what was seen of the files of a run', () => {
  afterEach(() => jest.restoreAllMocks());

  it('gives one answer from look to look, however long a look takes', () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(100_000);
    const growth = new Growth();
    growth.look([file(97_100)], 0);
    clock.mockReturnValue(100_200);
    expect(growth.rests(file(97_100))).toBe(false);
    growth.look([file(97_100)], 200);
    expect(growth.rests(file(97_100))).toBe(true);
  });

  it('lets a file that changed rest only after it was left alone while somebody looked', () => {
    const growth = new Growth();
    growth.look([file(1)], 0);
    growth.look([file(2)], 1000);
    expect(growth.rests(file(2))).toBe(false);
    growth.look([file(2)], 4000);
    expect(growth.rests(file(2))).toBe(true);
  });
});
