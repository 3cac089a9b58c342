/**
 * What programs wait for: lists, one run, asking for one, with a million runs behind them that have ended, on both databases; and the
 * smallest answer beside a bare Express handler that says the same, in the same run. BENCH_DEPTH=100000 makes it short.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { DATABASES, addScript, figure, freePort, openInstallation, openServices, percentile, terminate } from './harness.mjs';
import { Client, untilAnswers } from './files/client.mjs';
import { fill, numbers } from './queue/fill.mjs';

const ENDED = Number(process.env.BENCH_DEPTH ?? 1_000_000);
const [OWN, FIRST_LOOKS, LOOKS, ROUNDS] = [300_000, 20, 200, 5];
const MOST_MS = 50;
const MANIFEST = JSON.stringify({ parameters: [{ name: 'word', label: 'Word', type: 'string' }] });
const require = createRequire(import.meta.url);

export async function run() {
  const figures = [];
  for (const kind of DATABASES) figures.push(...(await onDatabase(kind)));
  return figures;
}

async function onDatabase(kind) {
  const port = await freePort();
  const settings = { PORT: String(port), RUNNER_STALE: '1h', API_RATE: '1000000', ADMIN_EMAILS: 'bench@example.org' };
  const installation = await openInstallation(kind, settings);
  addScript(installation, 'nothing', '#!/bin/sh\n##~~ word - any\n##~~ output=done.txt - a word\n');
  try {
    installation.start('web');
    await untilAnswers(port, '/readyz');
    const client = new Client(port);
    await client.readToken('/signup');
    await client.post('/signup', { email: 'bench@example.org', password: 'a few good words' });
    await client.readToken('/projects');
    const project = await client.createProject('Results');
    const { token, last } = await prepare(installation, project);
    const program = new Program(port, token);
    const figures = [];
    for (const [words, request] of Object.entries(requests(project, last))) {
      const times = await timesOf(program, request);
      const aim = { aim: `≤ ${MOST_MS} ms`, judge: (value) => value <= MOST_MS };
      figures.push(figure('api', `${kind}: ${words}, ${ENDED} ended behind it, p95`, percentile(times, 0.95), 'ms', aim));
    }
    figures.push(await besideExpress(installation, program));
    return figures;
  } finally {
    await installation.close();
  }
}

function requests(project, last) {
  const ask = () => ({
    method: 'POST',
    path: `/projects/${project}/runs`,
    body: JSON.stringify({ pipeline: 'nothing', parameters: { word: 'x' } }),
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    wanted: 201,
  });
  return {
    'own runs': () => ({ path: '/runs' }),
    'own runs of a state that none ended in': () => ({ path: '/runs?state=lost' }),
    'the runs of a project': () => ({ path: `/projects/${project}/runs` }),
    'one run': (look) => ({ path: `/runs/${last - look}` }),
    'the queue': () => ({ path: '/queue' }),
    'asking for a run under a key': ask,
  };
}

/** Keeps its connection, as a client does. */
class Program {
  constructor(port, token = '', base = '/api/v1') {
    Object.assign(this, { port, token, base, agent: new Agent({ keepAlive: true, maxSockets: 1 }) });
  }

  ask({ path, method = 'GET', body, headers = {}, wanted = 200 }) {
    return new Promise((resolve, reject) => {
      const all = { host: `localhost:${this.port}`, ...(this.token && { authorization: `Bearer ${this.token}` }), ...headers };
      if (body !== undefined) all['content-length'] = Buffer.byteLength(body);
      const to = {
        host: '127.0.0.1',
        port: this.port,
        agent: this.agent,
        setHost: false,
        method,
        path: `${this.base}${path}`,
        headers: all,
      };
      const request = httpRequest(to, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () =>
          response.statusCode === wanted ? resolve(text) : reject(new Error(`${path}: ${response.statusCode} ${text.slice(0, 500)}`)),
        );
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

async function timesOf(program, request) {
  const times = [];
  for (let look = 0; look < FIRST_LOOKS + LOOKS; look += 1) {
    const asked = request(look);
    const began = performance.now();
    await program.ask(asked);
    if (look >= FIRST_LOOKS) times.push(performance.now() - began);
  }
  return times;
}

/** The smallest answer of the API, without a token, and a handler of Express alone that says the same, one after the other. */
async function besideExpress(installation, { port }) {
  const other = await freePort();
  const file = join(installation.folder, 'bare-express.cjs');
  const answer = await new Program(port).ask({ path: '/' });
  writeFileSync(
    file,
    `const express = require(${JSON.stringify(require.resolve('express'))});
const answer = ${answer};
express().disable('x-powered-by').get('/api/v1/', (request, response) => response.json(answer)).listen(${other}, '127.0.0.1');\n`,
  );
  const bare = spawn(process.execPath, [file], { stdio: 'ignore' });
  try {
    await untilAnswers(other, '/api/v1/');
    const ratios = [];
    let ours = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const [mine, theirs] = [await rateOf(new Program(port)), await rateOf(new Program(other))];
      ours = mine;
      ratios.push(theirs / mine);
    }
    return figure('api', `${installation.kind}: the smallest answer`, ours, 'requests/s', {
      peer: 'a bare Express handler',
      ratio: percentile(ratios, 0.5),
    });
  } finally {
    await terminate(bare);
  }
}

async function rateOf(program) {
  const began = performance.now();
  let count = 0;
  for (; performance.now() - began < 1500; count += 1) await program.ask({ path: '/' });
  return (1000 * count) / (performance.now() - began);
}

/** Nearly a third of all that has ended is of the one who asks. @returns a token of theirs, and the number of their last run. */
async function prepare(installation, project) {
  const isSqlite = installation.kind === 'sqlite';
  const services = await openServices(installation);
  try {
    const { DataSource } = require('typeorm');
    const query = (text) => services.context.get(DataSource, { strict: false }).query(text);
    const users = services.service('common/users/users.repository.js', 'UsersRepository');
    const person = await users.findByEmail('bench@example.org');
    const { key } = await services
      .service('common/api-tokens/api-tokens.js', 'ApiTokens')
      .make(person, { name: 'bench', scopes: ['read', 'run'], days: 7 });
    const people = { owners: 20, pipelines: 4 };
    const word = (prefix) => (isSqlite ? `'${prefix}' || n` : `CONCAT('${prefix}', n)`);
    await query(
      `INSERT INTO users (id, kind, display_name, is_admin, created_ms, last_seen_ms)
       SELECT ${word('person-')}, 'guest', ${word('Guest ')}, 0, 1, 1 FROM (${numbers()}) numbers WHERE n < ${people.owners}`,
    );
    const own = Math.min(OWN, Math.floor(ENDED / 3));
    await fill(query, isSqlite, ENDED - own, { ...people, state: 'succeeded' });
    await fill(query, isSqlite, own, { ...people, state: 'succeeded', owner: person.id, project });
    await query(`INSERT INTO run_details (run_id, parameters, manifest) SELECT id, '{"word":"x"}', '${MANIFEST}' FROM queue`);
    // It does so by itself, later.
    if (!isSqlite) await query('ANALYZE TABLE queue');
    const [{ last }] = await query('SELECT MAX(id) AS last FROM queue');
    return { token: key, last: Number(last) };
  } finally {
    await services.close();
  }
}
