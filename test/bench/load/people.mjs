/**
 * `node people.mjs PORT SECONDS`: the people of the load benchmark, each at an address of the loopback of their own, so that limits by
 * network count them as what they are. Prints one object of JSON when the time is over.
 */
import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../files/client.mjs';
import { percentile } from '../harness.mjs';

const [port, seconds] = process.argv.slice(2).map(Number);
/** One person may hold four streams; 200 of them read pages. */
const PEOPLE = 250;
const READERS = 200;
const STREAMS_EACH = 4;
const PAGE_EVERY_MS = 5000;
const UPLOAD_EVERY_MS = 6000;
const UPLOAD_BYTES = 20 * 1000 * 1000;
const SUBMIT_EVERY_MS = 3000;
/** Whoever enters does so one after the other: passwords are slow on purpose. */
const ENTER_AT_ONCE = 4;

const times = { pages: [], uploads: [], submits: [] };
const errors = [];
let asked = 0;
let events = 0;
let streams = 0;

const people = await everybody();
await Promise.all(people.flatMap((person) => Array.from({ length: STREAMS_EACH }, () => listen(person))));
const before = process.cpuUsage();
const began = performance.now();
const until = began + seconds * 1000;
await Promise.all([
  ...people.slice(0, READERS).map(read),
  repeat(UPLOAD_EVERY_MS, (turn) => timed('uploads', () => upload(people[turn % READERS], turn))),
  repeat(SUBMIT_EVERY_MS, (turn) => timed('submits', () => submit(people[(turn * 7) % READERS]))),
]);
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  JSON.stringify({
    seconds: (performance.now() - began) / 1000,
    asked,
    errors,
    events,
    streams,
    cpuSeconds: (user + system) / 1_000_000,
    ...Object.fromEntries(Object.entries(times).map(([name, list]) => [name, summary(list)])),
  }),
  () => process.exit(0),
);

async function everybody() {
  const all = [];
  const next = async () => {
    while (all.length < PEOPLE) {
      const index = all.push(null) - 1;
      all[index] = await enter(index);
    }
  };
  await Promise.all(Array.from({ length: ENTER_AT_ONCE }, next));
  return all;
}

/** Every second one signs up, the others are guests. */
async function enter(index) {
  const client = new Client(port);
  const address = `127.0.${1 + Math.floor(index / 200)}.${1 + (index % 200)}`;
  client.agent = new Agent({ keepAlive: true, localAddress: address });
  if (index % 2 === 0) {
    await client.readToken('/signup');
    await client.post('/signup', { email: `person${index}@lab.test`, password: `a long password ${index}` });
    await client.readToken('/projects');
  }
  const project = index % 2 === 0 ? await client.createProject('Load') : await client.enter('Load');
  return { client, project, address };
}

async function read(person, index) {
  await sleep((PAGE_EVERY_MS * index) / READERS);
  const places = ['/', '/projects', `/projects/${person.project}`, '/queue', `/projects/${person.project}/run/short`, '/space'];
  await repeat(PAGE_EVERY_MS, (turn) =>
    timed('pages', async () => {
      const path = person.run && turn % 3 === 0 ? person.run : places[(turn + index) % places.length];
      const { status, text } = await person.client.ask(path);
      if (status !== 200 || !text.includes('</html>')) throw new Error(`${path}: ${status}`);
    }),
  );
}

function upload({ client, project }, turn) {
  return client.upload(project, `slide ${turn}.bin`, UPLOAD_BYTES);
}

async function submit(person) {
  const path = `/projects/${person.project}/run/short`;
  const { text } = await person.client.ask(path);
  const submission = /name="submission" value="([^"]+)"/.exec(text)?.[1];
  const { location } = await person.client.post(path, { submission, 'p.words': 'hello', 'p.output': 'said.txt' });
  if (!location?.startsWith('/runs/')) throw new Error(`${path}: led to ${location}`);
  person.run = location;
}

/** Resolves when the stream is open; whatever ends it before the time is over is an error. */
function listen({ client, address }) {
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { host: `localhost:${port}`, accept: 'text/event-stream', cookie };
  return new Promise((resolve) => {
    const lost = (why) => {
      errors.push(`stream: ${why}`);
      resolve();
    };
    const request = httpRequest({ host: '127.0.0.1', port, path: '/events', headers, localAddress: address, agent: false }, (answer) => {
      if (answer.statusCode !== 200) return lost(`status ${answer.statusCode}`);
      streams += 1;
      resolve();
      answer.on('data', (piece) => (events += piece.toString('utf8').split('\ndata:').length - 1));
      answer.on('close', () => {
        streams -= 1;
        lost('closed');
      });
      answer.on('error', () => {});
    });
    request.on('error', (error) => lost(error.message));
    request.end();
  });
}

/** Begins each turn at its time, however long the one before took; a person waits for one page before the next. */
async function repeat(everyMs, what) {
  const from = performance.now();
  for (let turn = 0; ; turn += 1) {
    await sleep(Math.max(0, from + turn * everyMs - performance.now()));
    if (performance.now() >= until) return;
    await what(turn);
  }
}

async function timed(kind, what) {
  asked += 1;
  const from = performance.now();
  try {
    await what();
    times[kind].push(performance.now() - from);
  } catch (error) {
    errors.push(`${kind}: ${error.message}`);
  }
}

function summary(list) {
  return { count: list.length, median: percentile(list, 0.5) ?? 0, p95: percentile(list, 0.95) ?? 0 };
}
