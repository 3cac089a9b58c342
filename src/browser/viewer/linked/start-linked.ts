import { say, type ViewerData } from '../data.js';
import { LinkedViewers } from './linked-viewers.js';

/** The page of linked viewers: takes the place of the pictures that are there without scripts. */
export function startLinked(): void {
  const root = document.querySelector<HTMLElement>('#linked-viewers');
  const text = document.querySelector('#linked-data')?.textContent;
  if (!root || !text) return;
  const panes = [...root.querySelectorAll<HTMLElement>('[data-pane]')];
  const all = (JSON.parse(text) as ViewerData[]).map((data, index): ViewerData => {
    const { tiles = '', tables = '' } = panes[index].dataset;
    return { ...data, tiles, tables };
  });
  new LinkedViewers(root, all).start();
  root.querySelector('[data-say-ready]')!.textContent = say(all[0].words, 'ready');
}
