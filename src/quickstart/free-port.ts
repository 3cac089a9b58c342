import { createServer } from 'node:net';
import type { AppConfig } from '../common/config/app-config';
import { StartupError } from '../common/errors';

/**
 * Looks before anything is started: whoever answers on the port later is then our own web process. Other reasons why it cannot listen
 * there are told by that process.
 * @throws StartupError when somebody listens on PORT.
 */
export function assertPortFree({ settings: { PORT, LISTEN_HOST } }: AppConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(new StartupError(`Port ${PORT} is taken. Set PORT to a free one: PORT=8081 npm run quickstart`));
      else resolve();
    });
    server.listen({ port: PORT, ...(LISTEN_HOST === undefined ? {} : { host: LISTEN_HOST }) }, () => server.close(() => resolve()));
  });
}
