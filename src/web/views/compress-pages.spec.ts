import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import express, { type NextFunction, type Request, type Response } from 'express';
import { until } from '../../../test/until';
import { compressPages } from './compress-pages';

const LONG = '<p>a page with words</p>'.repeat(200);

describe('compressPages', () => {
  let server: Server;
  const faults: string[] = [];

  beforeAll(async () => {
    const app = express();
    // In the place of templates: a view is what its model says.
    app.set(
      'view',
      class {
        readonly path = 'here';
        render({ fault, page }: { fault?: string; page?: string }, done: (error: Error | null, page?: string) => void) {
          if (fault) done(new Error(fault));
          else done(null, page);
        }
      },
    );
    app.use(compressPages());
    app.get('/long', (_request, response) => response.render('page', { page: LONG }));
    app.get('/short', (_request, response) => response.render('page', { page: '<p>short</p>' }));
    app.get('/broken', (_request, response) => response.render('page', { fault: 'template' }));
    app.get('/twice', (_request, response) => {
      response.render('page', { page: LONG });
      response.send('first');
    });
    app.get('/part', (_request, response) =>
      response.render('page', { page: LONG }, (_error: Error, page: string) => void response.json({ page })),
    );
    app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
      faults.push(error.message);
      if (!response.headersSent) response.status(500).send(error.message);
    });
    server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => server.close());

  const ask = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ answer: IncomingMessage; body: Buffer }>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      get({ host: '127.0.0.1', port, path, agent: false, headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => resolve({ answer, body: Buffer.concat(parts) }));
      }).on('error', reject);
    });

  it.each<Record<string, string>>([{}, { 'Sec-Fetch-Site': 'same-origin' }, { 'Sec-Fetch-Site': 'none' }])(
    'packs a page (%j)',
    async (headers) => {
      const { answer, body } = await ask('/long', { 'Accept-Encoding': 'gzip, br', ...headers });
      expect(answer.headers).toMatchObject({
        'content-encoding': 'gzip',
        'content-type': 'text/html; charset=utf-8',
        vary: 'Accept-Encoding',
      });
      expect(answer.headers['content-length']).toBe(String(body.length));
      expect(gunzipSync(body).toString()).toBe(LONG);
    },
  );

  it('answers that a packed page is as it was', async () => {
    const { etag = '' } = (await ask('/long', { 'Accept-Encoding': 'gzip' })).answer.headers;
    const again = await ask('/long', { 'Accept-Encoding': 'gzip', 'If-None-Match': etag });
    expect([again.answer.statusCode, again.body.length]).toEqual([304, 0]);
  });

  it.each([
    ['to whoever cannot unpack it', '/long', {}],
    ['when another site had the browser ask', '/long', { 'Accept-Encoding': 'gzip', 'Sec-Fetch-Site': 'cross-site' }],
    ['when a neighbour on the same site had it ask', '/long', { 'Accept-Encoding': 'gzip', 'Sec-Fetch-Site': 'same-site' }],
    ['when it is short', '/short', { 'Accept-Encoding': 'gzip' }],
  ])('sends a page as it is %s', async (_when, path, headers) => {
    const { answer, body } = await ask(path, headers);
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.headers.vary).toBe('Accept-Encoding');
    expect(body.toString()).toBe(path === '/long' ? LONG : '<p>short</p>');
  });

  it('hands the fault of a template on', async () => {
    const { answer, body } = await ask('/broken', { 'Accept-Encoding': 'gzip' });
    expect([answer.statusCode, body.toString()]).toEqual([500, 'template']);
  });

  it('hands on that an answer was given already, and goes on', async () => {
    expect((await ask('/twice', { 'Accept-Encoding': 'gzip' })).body.toString()).toBe('first');
    await until(() => faults.some((one) => /headers/i.test(one)));
    expect((await ask('/short')).answer.statusCode).toBe(200);
  });

  it('leaves a page alone that its caller wants to have', async () => {
    expect(JSON.parse((await ask('/part', { 'Accept-Encoding': 'gzip' })).body.toString())).toEqual({ page: LONG });
  });
});
