import { once } from 'node:events';
import type { Server } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import type { AppConfig } from '../common/config/app-config';
import { StartupError } from '../common/errors';

const HEADERS_WITHIN_MS = 60_000;
const SILENCE_MS = 600_000;

/**
 * Listens on PORT and LISTEN_HOST. Not by Nest's own `listen`, which writes a failure with its stack to the log before it throws it.
 * @throws StartupError that says what to set.
 */
export async function listen(server: Server, { settings }: Pick<AppConfig, 'settings'>): Promise<void> {
  const { PORT, LISTEN_HOST } = settings;
  // Uploads may take hours, so there is no limit on a whole request: only on its head, and on silence.
  server.requestTimeout = 0;
  server.headersTimeout = HEADERS_WITHIN_MS;
  server.timeout = SILENCE_MS;
  try {
    server.listen({ port: PORT, ...(LISTEN_HOST === undefined ? {} : { host: LISTEN_HOST }) });
    await once(server, 'listening');
  } catch (error) {
    const sentence = LISTEN_FAILURES[(error as NodeJS.ErrnoException).code ?? '']?.(PORT, LISTEN_HOST ?? '');
    throw sentence === undefined ? error : new StartupError(sentence);
  }
}

const LISTEN_FAILURES: Partial<Record<string, (port: number, host: string) => string>> = {
  EADDRINUSE: (port) => `Port ${port} is taken. Set PORT to a free one.`,
  EACCES: (port) => `Port ${port} is reserved for root. Set PORT to one above 1023, or put a reverse proxy before it.`,
  EADDRNOTAVAIL: (_port, host) => `LISTEN_HOST: ${host} is no address of this machine.`,
  ENOTFOUND: (_port, host) => `LISTEN_HOST: there is no host named ${host}.`,
};

/** Where people can open it, the likeliest first. */
export function addresses({ settings }: Pick<AppConfig, 'settings'>): string[] {
  const { PORT, LISTEN_HOST, PUBLIC_URL } = settings;
  if (PUBLIC_URL !== undefined) return [PUBLIC_URL];
  const port = PORT === 80 ? '' : `:${PORT}`;
  const isEverywhere = LISTEN_HOST === undefined || LISTEN_HOST === '0.0.0.0' || LISTEN_HOST === '::';
  if (!isEverywhere) return [`http://${LISTEN_HOST.includes(':') ? `[${LISTEN_HOST}]` : LISTEN_HOST}${port}`];
  const outside = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((one) => !one.internal && one.family === 'IPv4')
    .map((one) => one.address);
  return [...new Set(['localhost', hostname(), ...outside])].map((host) => `http://${host}${port}`);
}
