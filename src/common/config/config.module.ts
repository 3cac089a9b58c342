import { Module } from '@nestjs/common';
import { ConfigModule as NestConfigModule, ConfigService } from '@nestjs/config';
import { AppConfig, readConfig } from './app-config';

const KEY = 'app';

/** Reads `.env` and the environment once, and gives the checked result as `AppConfig`. */
@Module({
  imports: [NestConfigModule.forRoot({ validate: (environment) => ({ [KEY]: readConfig(environment) }) })],
  providers: [{ provide: AppConfig, useFactory: (service: ConfigService) => service.getOrThrow<AppConfig>(KEY), inject: [ConfigService] }],
  exports: [AppConfig],
})
export class ConfigModule {}
