/// <reference lib="dom" />
import { gzipSync } from 'node:zlib';
import type { Page, Response } from 'playwright-core';

/**
 * Bytes of all scripts that a page and its workers load during a step, each once, as a proxy would send them. They are fetched again, since a
 * browser keeps no bodies of what its workers loaded.
 */
export async function weighScripts(page: Page, step: () => Promise<unknown>): Promise<number> {
  const addresses = new Set<string>();
  const note = (answer: Response): void => {
    if (answer.url().endsWith('.js')) addresses.add(answer.url());
  };
  page.on('response', note);
  await step();
  page.off('response', note);
  const texts = await page.evaluate(
    async (list) =>
      Promise.all(
        list.map(async (address) => {
          const answer = await fetch(address);
          if (!answer.ok) throw new Error(`${address} answers ${answer.status}.`);
          return answer.text();
        }),
      ),
    [...addresses],
  );
  return texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
}
