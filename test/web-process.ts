import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestDatabase } from './database';
import type { Product } from './product';
import { until } from './until';
import { TestBrowser } from './web-app';

/** `node dist/web` as a process of its own, to be killed. */
export interface WebProcess {
  port: number;
  log(): string;
  /** Bytes of its memory, at most since it was started. */
  peakMemory(): number;
  /** Stops or continues it as a whole, threads and all. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and waits until it is gone. */
  stop(): Promise<void>;
  /** A browser that is logged in as another one is, elsewhere. */
  browserOf(other: TestBrowser): TestBrowser;
}

/** @param port to come back at the place of a predecessor. */
export async function startWebProcess(
  product: Product,
  database: TestDatabase,
  settings: Record<string, string> = {},
  port?: number,
): Promise<WebProcess> {
  const place = port ?? (await freePort());
  const env = { PATH: process.env['PATH'] ?? '', ...database.environment, PORT: String(place), LISTEN_HOST: '127.0.0.1', ...settings };
  const child = spawn(process.execPath, [join(product.home, 'dist', 'web.js')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await until(() => isReady(place, child), 30_000).catch((error: Error) => Promise.reject(new Error(`${error.message}\n${log}`)));
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  return {
    port: place,
    log: () => log,
    peakMemory: () => peakOf(child.pid!),
    signal: (name) => void child.kill(name),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    browserOf: (other) => {
      const browser = new TestBrowser(place);
      for (const [name, value] of other.cookies) browser.cookies.set(name, value);
      return browser;
    },
  };
}

function peakOf(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

async function isReady(port: number, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`The web process ended with ${child.exitCode}.`);
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
