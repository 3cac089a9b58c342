import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createLogger, explainStartFailure } from '../common/application';
import type { AppConfig } from '../common/config/app-config';
import { loadConfig } from '../common/config/config.module';
import { DatabaseHealth } from '../common/database/database-health';
import { PipelineCatalogue } from '../common/pipelines/pipeline-catalogue';
import { configureWeb } from './configure-web';
import { addresses, listen } from './listen';
import { WebModule } from './web.module';

/** Boots the web process and resolves once it listens. @throws StartupError that says what to change. */
export async function startWeb(): Promise<void> {
  const config = loadConfig();
  const app = await createApp(config);
  try {
    await app.get(DatabaseHealth).assertMigrated();
    await configureWeb(app);
    app.enableShutdownHooks();
    await app.init();
    // Pages of runs say what their pipelines say today.
    await app.get(PipelineCatalogue).list();
    await listen(app.getHttpServer(), config);
  } catch (error) {
    await app.close();
    throw error;
  }
  const logger = new Logger('Web');
  outliveForgottenFaults(logger);
  for (const address of addresses(config)) logger.log(`Open ${address}`);
}

/** A promise of one request that fails unheard is a fault of ours; it must not end the uploads and downloads of everybody else. */
function outliveForgottenFaults(logger: Logger): void {
  process.on('unhandledRejection', (reason) => {
    logger.error(`A fault that nobody waited for: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
  });
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
