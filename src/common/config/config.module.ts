import { existsSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { ConfigModule as NestConfigModule, ConfigService } from '@nestjs/config';
import { AppConfig, readConfig } from './app-config';

const KEY = 'app';

/**
 * The configuration of this process, from `.env` and the environment (which wins).
 * Entrypoints call it before Nest, so that bad settings end in their list and not in a stack.
 * @throws StartupError that lists every bad setting.
 */
export function loadConfig(): AppConfig {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return readConfig(process.env);
}

/** Gives the checked settings as `AppConfig`; tests override that provider. */
@Module({
  imports: [NestConfigModule.forRoot({ ignoreEnvFile: true, validate: () => ({ [KEY]: loadConfig() }) })],
  providers: [{ provide: AppConfig, useFactory: (service: ConfigService) => service.getOrThrow<AppConfig>(KEY), inject: [ConfigService] }],
  exports: [AppConfig],
})
export class ConfigModule {}
