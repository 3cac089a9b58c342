import { writeFileSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { startTestWebApp, type TestWebApp } from '../../web-app';

describe('health', () => {
  const withApp = async (settings: Record<string, string>, look: (web: TestWebApp) => Promise<void>) => {
    const web = await startTestWebApp(settings);
    try {
      await look(web);
    } finally {
      await web.close();
    }
  };
  const report = async (web: TestWebApp) => {
    const answer = await web.browser().get('/readyz');
    return { status: answer.status, ...(JSON.parse(answer.body) as { checks: Record<string, string> }) };
  };

  it('is fine on a fresh installation, to anybody, without a cookie', () =>
    withApp({}, async (web) => {
      const alive = await web.browser().get('/healthz');
      expect([alive.status, alive.body]).toEqual([200, '{"status":"ok"}']);
      expect(alive.headers['set-cookie']).toBeUndefined();
      expect(await report(web)).toMatchObject({
        status: 'ok',
        checks: { database: 'ok', tables: 'ok', filesFolder: 'ok', runsFolder: 'ok', freeSpace: 'ok' },
      });
      expect((await web.browser().get('/readyz')).status).toBe(200);
    }));

  it('names the space that is missing', () =>
    withApp({ FREE_SPACE_RESERVE: '9000 TB' }, async (web) => {
      expect(await report(web)).toMatchObject({ status: 'failing', checks: { freeSpace: 'failing', database: 'ok' } });
    }));

  it('names the folder that cannot be used, without telling its path', () =>
    withApp({}, async (web) => {
      // A file in its place: this holds also for root, whom no permission stops.
      writeFileSync(web.database.config.runsRoot, 'in the way');
      const answer = await web.browser().get('/readyz');
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.body)).toMatchObject({ checks: { runsFolder: 'failing', filesFolder: 'ok' } });
      expect(answer.body).not.toContain(web.database.folder);
    }));

  it('names tables that are missing', () =>
    withApp({}, async (web) => {
      const dataSource = web.app.get(DataSource);
      while ((await dataSource.query('SELECT COUNT(*) AS n FROM migrations'))[0].n > 0) await dataSource.undoLastMigration();
      expect((await report(web)).checks).toMatchObject({ database: 'ok', tables: 'failing' });
      await dataSource.runMigrations();
      expect((await report(web)).checks).toMatchObject({ tables: 'ok' });
    }));
});
