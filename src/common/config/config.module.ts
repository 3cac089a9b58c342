import { existsSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { ConfigModule as NestConfigModule, ConfigService } from '@nestjs/config';
import { ENGLISH } from '../../locales/language';
import { openLanguages } from '../../locales/languages';
import { StartupError } from '../errors';
import { AppConfig, readConfig } from './app-config';
import { EXIT_CONFIG } from '../exit-status';

const KEY = 'app';

/**
 * The configuration of this process, from `.env` and the environment (which wins).
 * Entrypoints call it before Nest, so that bad settings end in their list and not in a stack.
 * @throws StartupError that lists every bad setting.
 */
export function loadConfig(): AppConfig {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env);
  speakDefaultLanguage(config);
  return config;
}

/** Files of languages are read only where they are needed; the web process reads them all, and tells what is wrong in them. */
function speakDefaultLanguage({ settings }: AppConfig): void {
  if (settings.DEFAULT_LANGUAGE === ENGLISH.tag && settings.LANGUAGES_DIR === undefined) return;
  try {
    openLanguages(settings);
  } catch (error) {
    throw new StartupError(`DEFAULT_LANGUAGE: ${(error as Error).message}.`, EXIT_CONFIG);
  }
}

/** Gives the checked settings as `AppConfig`; tests override that provider. */
@Module({
  imports: [NestConfigModule.forRoot({ ignoreEnvFile: true, validate: () => ({ [KEY]: loadConfig() }) })],
  providers: [{ provide: AppConfig, useFactory: (service: ConfigService) => service.getOrThrow<AppConfig>(KEY), inject: [ConfigService] }],
  exports: [AppConfig],
})
export class ConfigModule {}
