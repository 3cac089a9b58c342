import { ExternalChecks } from './external-checks';
import type { ExternalUser } from './external-user.entity';

const CHECK_MS = 300_000;

describe('ExternalChecks', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** What the database and the table say of one person, by the clock of the test. */
  function watch(checkedMs: number) {
    const person = { userId: 'u', masterKey: 'k', checkedMs, endedMs: null as number | null };
    const mirrors = { due: async (forMs: number) => (person.checkedMs <= Date.now() - forMs && person.endedMs === null ? [person] : []) };
    const table = { isConfigured: true, findByKeys: async () => new Map() };
    const people = { end: async (one: ExternalUser) => void (one.endedMs = Date.now()) };
    const config = { settings: { EXTERNAL_USERS_CHECK: CHECK_MS / 1000 } };
    return { person, sut: new ExternalChecks(table as never, people as never, mirrors as never, config as never) };
  }

  it.each([0, 1, CHECK_MS / 4, CHECK_MS / 2 - 1, CHECK_MS / 2, CHECK_MS / 2 + 1, CHECK_MS - 1])(
    'asks again within EXTERNAL_USERS_CHECK about somebody of whom was asked %p ms before a look',
    async (beforeMs) => {
      const begunMs = Date.now();
      const { person, sut } = watch(begunMs + CHECK_MS - beforeMs);
      sut.onApplicationBootstrap();
      await jest.advanceTimersByTimeAsync(3 * CHECK_MS);
      expect(person.endedMs! - person.checkedMs).toBeLessThanOrEqual(CHECK_MS);
      expect(person.endedMs).toBeGreaterThanOrEqual(person.checkedMs);
      await sut.beforeApplicationShutdown();
    },
  );
});
