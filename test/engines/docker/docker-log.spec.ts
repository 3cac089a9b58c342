import { existsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../until';
import type { DockerExecutor } from '../../../src/runner/executors/docker/docker-executor';
import { control, DockerWorld, log, type Started } from './docker-world';
import { TcpWay } from './tcp-way';

const LINES = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join('');
/** Prints until it may end, each line as soon as the file of its number is there. */
const ON_DEMAND = `n=0; while [ $n -lt 100 ]; do while [ ! -e next ] && [ ! -e all ]; do sleep 0.01; done; rm -f next; echo "line $n"; n=$((n+1)); done`;

describe('log of a container', () => {
  let world: DockerWorld;
  let executor: DockerExecutor;

  beforeAll(async () => {
    world = await DockerWorld.open();
    executor = world.newExecutor();
  }, 60_000);
  afterAll(() => world.close());

  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  function follow(by: DockerExecutor, { execution }: Started): () => Promise<void> {
    const over = new AbortController();
    const done = by.keepLog(execution, over.signal);
    const stop = async () => {
      over.abort();
      await done;
    };
    stops.push(stop);
    return stop;
  }

  const written = (started: Started) => (existsSync(control(started, 'log')) ? log(started) : '');
  const say = (started: Started, file: 'next' | 'all') => writeFileSync(join(started.assignment.cwd, file), '');

  it('comes while the program runs', async () => {
    const started = await world.start(executor, ON_DEMAND);
    const stop = follow(executor, started);
    for (let line = 0; line < 3; line += 1) {
      say(started, 'next');
      await until(() => written(started).endsWith(`line ${line}\n`));
    }
    say(started, 'all');
    await world.end(executor, started);
    await executor.sweep(started.execution);
    expect(log(started)).toBe(LINES);
    await stop();
  });

  it('keeps text as it is: no newline at the end, long lines, zeros, signs of all alphabets; and Docker marks what is no text', async () => {
    const script = `head -c 100000 /dev/zero | tr '\\0' x; echo; printf 'a\\0b\\033[1m\\302\\265 \\360\\237\\224\\254 \\377|\\r\\nend'`;
    const started = await world.start(executor, script);
    const stop = follow(executor, started);
    await world.end(executor, started);
    await executor.sweep(started.execution);
    await stop();
    expect(log(started)).toBe(`${'x'.repeat(100_000)}\na\0b\u001b[1mµ 🔬 \ufffd|\r\nend`);
  });

  it('is read from the engine once, and after that no more than what is missing', async () => {
    const way = await TcpWay.open(world.engine.socket);
    stops.push(() => way.close());
    const runner = () => world.newExecutor({ DOCKER_HOST: way.address });
    const size = 20 * 1024 * 1024;
    const script = `head -c 20m /dev/zero | tr '\\0' x | fold -w 99; while [ ! -e all ]; do sleep 0.02; done; seq 1 1000`;
    const first = runner();
    const started = await world.start(first, script);
    const stopFirst = follow(first, started);
    await until(() => existsSync(control(started, 'log')) && statSync(control(started, 'log')).size >= size, 60_000);
    await stopFirst();
    way.sent = 0;
    const second = runner();
    const stopSecond = follow(second, started);
    say(started, 'all');
    await world.end(second, started);
    await second.sweep(started.execution);
    await stopSecond();
    await runner().sweep(started.execution);
    expect(way.sent).toBeLessThan(size / 10);
    const [x, numbers] = log(started).split(/(?<=x)(?=\d)|(?<=x\n)(?=\d)/);
    expect(x.replaceAll('\n', '')).toBe('x'.repeat(size));
    expect(numbers).toBe(Array.from({ length: 1000 }, (_, index) => `${index + 1}\n`).join(''));
  }, 90_000);

  it('is complete after a burst at the very end', async () => {
    const started = await world.start(executor, 'seq 1 50000');
    const stop = follow(executor, started);
    await world.end(executor, started);
    await executor.sweep(started.execution);
    await stop();
    const lines = log(started).split('\n');
    expect(lines).toHaveLength(50_001);
    expect(lines.at(-2)).toBe('50000');
  });

  it('is complete after a burst that is too long to be read twice', async () => {
    const started = await world.start(executor, 'head -c 9m /dev/zero | tr "\\0" x | fold -w 99; echo; echo last');
    const stop = follow(executor, started);
    await world.end(executor, started);
    await executor.sweep(started.execution);
    await stop();
    const lines = log(started).split('\n');
    expect(lines.at(-2)).toBe('last');
    expect(lines.filter((line) => /^x+$/.test(line)).join('')).toHaveLength(9 * 1024 * 1024);
  }, 60_000);

  it('is made up for by the sweep when nobody followed', async () => {
    const started = await world.start(executor, 'seq 1 1000');
    await world.end(executor, started);
    await world.newExecutor().sweep(started.execution);
    expect(log(started).split('\n')).toHaveLength(1001);
    await world.newExecutor().sweep(started.execution);
    expect(log(started).split('\n')).toHaveLength(1001);
  });

  it('goes on where it was when another runner follows, whatever the first had written down', async () => {
    const started = await world.start(executor, ON_DEMAND);
    const stop = follow(executor, started);
    for (let line = 0; line < 2; line += 1) {
      say(started, 'next');
      await until(() => written(started).endsWith(`line ${line}\n`));
    }
    await stop();
    say(started, 'next');
    // As a killed runner leaves it: bytes written, position not; and half a line.
    truncateSync(control(started, 'log'), 'line 0\nli'.length);
    const second = world.newExecutor();
    const stopSecond = follow(second, started);
    await until(() => written(started) === 'line 0\nline 1\nline 2\n');
    say(started, 'all');
    await world.end(second, started);
    await second.sweep(started.execution);
    await stopSecond();
    expect(log(started)).toBe(LINES);
  });

  it('goes on after a restart of dockerd and says that something may be missing', async () => {
    const started = await world.start(executor, ON_DEMAND);
    const stop = follow(executor, started);
    say(started, 'next');
    await until(() => written(started) === 'line 0\n');
    await world.engine.kill();
    await world.engine.start();
    say(started, 'all');
    await world.end(executor, started);
    await executor.sweep(started.execution);
    await stop();
    const [first, note, ...rest] = log(started).split(/(?<=\n)/);
    expect(first).toBe('line 0\n');
    expect(note).toContain('Docker was restarted');
    expect(first + rest.join('')).toBe(LINES);
    // Our own sentence is not taken for output of the program.
    await world.newExecutor().sweep(started.execution);
    expect(log(started)).toBe([first, note, ...rest].join(''));
  });

  it('ends at its limit with a note, however much comes', async () => {
    const limited = world.newExecutor({ MAX_LOG: '100 KB' });
    const started = await world.start(limited, 'seq 1 100000');
    const stop = follow(limited, started);
    await world.end(limited, started);
    await limited.sweep(started.execution);
    await stop();
    const text = log(started);
    expect(text.slice(0, 100_000)).toBe(
      Array.from({ length: 30_000 }, (_, index) => `${index + 1}\n`)
        .join('')
        .slice(0, 100_000),
    );
    expect(text.slice(100_000)).toMatch(/^\n\[The log ends here.*\]\n$/);
    await world.newExecutor({ MAX_LOG: '100 KB' }).sweep(started.execution);
    expect(statSync(control(started, 'log')).size).toBe(text.length);
  });
});
