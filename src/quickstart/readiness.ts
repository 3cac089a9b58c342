import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppConfig } from '../common/config/app-config';

const LOOK_EVERY_MS = 100;
const ANSWER_WITHIN_MS = 2_000;
const EVERYWHERE = ['0.0.0.0', '::'];

/** Waits until the web process answers. @returns false when `isAlive` says no before it does. */
export async function untilAnswering(config: AppConfig, isAlive: () => boolean): Promise<boolean> {
  while (isAlive()) {
    await sleep(LOOK_EVERY_MS);
    // Another program may sit on the port and answer; then our process is about to end because the port is taken.
    if ((await answers(config)) && isAlive()) return true;
  }
  return false;
}

function answers({ settings, basePath }: AppConfig): Promise<boolean> {
  const listening = settings.LISTEN_HOST;
  const host = listening === undefined || EVERYWHERE.includes(listening) ? '127.0.0.1' : listening;
  return new Promise((resolve) => {
    const request = get({ host, port: settings.PORT, path: `${basePath}/healthz`, timeout: ANSWER_WITHIN_MS }, (response) => {
      let body = '';
      response.on('data', (piece: Buffer) => (body = (body + piece.toString('latin1')).slice(0, 100)));
      response.on('end', () => resolve(response.statusCode === 200 && body === '{"status":"ok"}'));
      response.on('error', () => resolve(false));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
