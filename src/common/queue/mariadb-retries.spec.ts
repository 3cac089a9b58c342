import { UnavailableError } from '../errors';
import { withRetries } from './mariadb-retries';

const refused = Object.assign(new Error('Deadlock found'), { errno: 1213 });
const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', fatal: true });

describe('withRetries', () => {
  it('repeats what the server refused, which left nothing behind', async () => {
    const seen: boolean[] = [];
    const answer = await withRetries(async ({ uncertain }) => {
      seen.push(uncertain);
      if (seen.length < 3) throw refused;
      return 'done';
    });
    expect(answer).toBe('done');
    expect(seen).toEqual([false, false, false]);
  });

  it('says from then on that an earlier try may have been carried out, once a connection was lost', async () => {
    const seen: boolean[] = [];
    await withRetries(async ({ uncertain }) => {
      seen.push(uncertain);
      if (seen.length === 1) throw lost;
      if (seen.length === 2) throw refused;
    });
    expect(seen).toEqual([false, true, true]);
  });

  it('lets all other errors through at once', async () => {
    let count = 0;
    const work = withRetries(async () => {
      count += 1;
      throw Object.assign(new Error('Duplicate entry'), { errno: 1062 });
    });
    await expect(work).rejects.toThrow('Duplicate entry');
    expect(count).toBe(1);
  });

  it('gives up with a sentence for people and the cause for the log', async () => {
    const error = await withRetries(() => Promise.reject(lost)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ cause: lost });
  }, 20_000);
});
