import { FINAL_STATES, HELD_STATES, RUN_STATES } from '../../common/queue/run-state';
import { readQueueQuery, writeCursor } from './queue-query';

describe('readQueueQuery', () => {
  it('asks for everything where nothing is asked', () => {
    expect(readQueueQuery({})).toEqual({ whose: 'all', words: '', state: '', states: RUN_STATES, before: null });
  });

  it('knows groups of states and single ones', () => {
    expect(readQueueQuery({ state: 'running' }).states).toEqual(HELD_STATES);
    expect(readQueueQuery({ state: 'finished' }).states).toEqual(FINAL_STATES);
    expect(readQueueQuery({ state: 'timed_out' })).toMatchObject({ state: 'timed_out', states: ['timed_out'] });
  });

  it('takes a cursor back as it was written', () => {
    const cursor = { finishedMs: 1_795_308_879_235, id: 19 };
    expect(readQueueQuery({ before: writeCursor(cursor) }).before).toEqual(cursor);
  });

  it.each([
    [{ state: 'constructor' }],
    [{ state: '__proto__' }],
    [{ state: ['running'] }],
    [{ whose: 'theirs' }],
    [{ before: '1e9-1' }],
    [{ before: '-1-1' }],
    [{ before: '1-99999999999' }],
    [{ q: { a: 1 } }],
  ])('takes %j as nothing asked', (query) => {
    expect(readQueueQuery(query)).toEqual(readQueueQuery({}));
  });

  it('cuts what is too long to be a search', () => expect(readQueueQuery({ q: 'x'.repeat(5000) }).words).toHaveLength(100));
});
