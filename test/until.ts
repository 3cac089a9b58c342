import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds, looking often; fails with what it waited for. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain for: ${condition.toString()}`);
    await sleep(10);
  }
}
