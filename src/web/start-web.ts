import { once } from 'node:events';
import { hostname, networkInterfaces } from 'node:os';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Server } from 'node:http';
import { createLogger, explainStartFailure } from '../common/application';
import type { AppConfig } from '../common/config/app-config';
import { loadConfig } from '../common/config/config.module';
import { DatabaseHealth } from '../common/database/database-health';
import { StartupError } from '../common/errors';
import { configureWeb } from './configure-web';
import { WebModule } from './web.module';

const HEADERS_WITHIN_MS = 60_000;
const SILENCE_MS = 600_000;

/** Boots the web process and resolves once it listens. @throws StartupError that says what to change. */
export async function startWeb(): Promise<void> {
  const config = loadConfig();
  const app = await createApp(config);
  try {
    await app.get(DatabaseHealth).assertMigrated();
    await configureWeb(app);
    app.enableShutdownHooks();
    await app.init();
    await listen(app.getHttpServer(), config);
  } catch (error) {
    await app.close();
    throw error;
  }
  const logger = new Logger('Web');
  for (const address of addresses(config)) logger.log(`Open ${address}`);
}

async function createApp(config: AppConfig): Promise<NestExpressApplication> {
  try {
    return await NestFactory.create<NestExpressApplication>(WebModule, {
      abortOnError: false,
      bodyParser: false,
      logger: createLogger(config.settings, 'web'),
    });
  } catch (error) {
    throw explainStartFailure(error, config);
  }
}

/** Not by Nest's own `listen`, which writes a failure with its stack to the log before it throws it. */
async function listen(server: Server, config: AppConfig): Promise<void> {
  const { PORT, LISTEN_HOST } = config.settings;
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
export function addresses(config: AppConfig): string[] {
  const { PORT, LISTEN_HOST, PUBLIC_URL } = config.settings;
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
