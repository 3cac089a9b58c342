import { readConfig } from './app-config';

const read = (environment: Record<string, string>) => () =>
  readConfig({ DATA_DIR: '/srv/data', PIPELINES_DIR: '/srv/pipelines', ...environment });

describe('readConfig', () => {
  it.each([
    // The cleaner would delete the database, or people's files, when they are old.
    [{ INBOX_DIR: '/srv/data' }, 'INBOX_DIR: must not be or hold DATA_DIR, /srv/data'],
    [{ INBOX_DIR: '/srv' }, 'INBOX_DIR: must not be or hold DATA_DIR, /srv/data'],
    [{ INBOX_DIR: '/srv/data/files/' }, 'INBOX_DIR: must not be, hold or lie in FILES_ROOT, /srv/data/files'],
    [{ OUTBOX_DIR: '/srv/data/files/x' }, 'OUTBOX_DIR: must not be, hold or lie in FILES_ROOT, /srv/data/files'],
    [{ INBOX_DIR: '/srv/in', OUTBOX_DIR: '/srv/in' }, 'OUTBOX_DIR: must not be, hold or lie in INBOX_DIR, /srv/in'],
    [{ FILES_ROOT: '/srv/data/runs' }, 'RUNS_ROOT: must not be, hold or lie in FILES_ROOT, /srv/data/runs'],
    // What people upload would become pipelines.
    [{ PIPELINES_DIR: '/srv/data/files' }, 'PIPELINES_DIR: must not be, hold or lie in FILES_ROOT, /srv/data/files'],
    [{ DATABASE_URL: 'mysql://showrunner:50%_off@db/showrunner' }, 'DATABASE_URL: write mysql://'],
    [{ RUNNER_BEAT: '0', RUNNER_STALE: '0' }, 'RUNNER_BEAT: "0" is not a duration from 0.1s to 1h'],
    [{ SESSION_IDLE: '0' }, 'SESSION_IDLE: "0" is not a duration'],
    [{ RUNNER_NAME: 'x'.repeat(101) }, 'RUNNER_NAME: at most 100 characters'],
    [{ REPORT_ORIGIN: 'http://lab1:81' }, 'REPORT_ORIGIN: set PUBLIC_URL as well'],
    [{ REPORT_ORIGIN: 'http://lab1', PUBLIC_URL: 'http://lab1/showrunner' }, 'REPORT_ORIGIN: must be another address than PUBLIC_URL'],
  ])('refuses %j', (environment, fault) => expect(read(environment)).toThrow(fault));

  it('takes folders beside each other, and below DATA_DIR', () => {
    expect(read({ INBOX_DIR: '/srv/data/inbox', OUTBOX_DIR: '/srv/data/inbox2', FILES_ROOT: '/mnt/..files' })).not.toThrow();
  });

  it.each([
    [{ GUEST_KEY: 'ip' }, /GUEST_KEY: with ip, set TRUST_PROXY as well/],
    [{ GUEST_KEY: 'address' }, /GUEST_KEY: /],
    [{ TRUST_PROXY: 'none, 127.0.0.1' }, /TRUST_PROXY: write none alone/],
    [{ TRUST_PROXY: '0.0.0.0/0' }, /TRUST_PROXY: list the addresses/],
    [{ DEMO_USERLIST: 'Show@example.org', ADMIN_EMAILS: 'show@example.org' }, /DEMO_USERLIST: Show@example.org is in ADMIN_EMAILS/],
  ])('refuses %j', (settings, fault) => {
    expect(() => readConfig(settings)).toThrow(fault);
  });

  it('takes guests by address where somebody said whose word about addresses counts', () => {
    expect(readConfig({ GUEST_KEY: 'ip', TRUST_PROXY: 'none' }).trustedProxies).toEqual([]);
    expect(readConfig({ GUEST_KEY: 'ip', TRUST_PROXY: '10.0.0.1' }).trustedProxies).toEqual(['10.0.0.1']);
  });
});
