import { ConsoleLogger, type INestApplicationContext, type LoggerService, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AppConfig } from './config/app-config';
import { loadConfig } from './config/config.module';

const LEVELS = ['debug', 'log', 'warn', 'error', 'fatal'] as const;
const LEAST = { debug: 0, info: 1, warn: 2, error: 3 } as const;

/** The logger of every process: readable lines, or JSON for a log collector. */
export function createLogger(settings: Pick<AppConfig['settings'], 'LOG_FORMAT' | 'LOG_LEVEL'>, context: string): LoggerService {
  const levels = LEVELS.slice(LEAST[settings.LOG_LEVEL]);
  return new ConsoleLogger({
    prefix: context,
    json: settings.LOG_FORMAT === 'json',
    colors: process.stdout.hasColors?.() ?? false,
    logLevels: [...levels],
  });
}

/** Boots a root module without HTTP: the runner, the cleaner and the commands. Signals close it through the shutdown hooks. */
export async function createContext(module: Type, name: string): Promise<INestApplicationContext> {
  const logger = createLogger(loadConfig().settings, name);
  const context = await NestFactory.createApplicationContext(module, { abortOnError: false, logger });
  context.enableShutdownHooks();
  return context;
}
