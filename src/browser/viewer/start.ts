import { say, type ViewerData } from './data.js';
import { ImageViewer } from './image-viewer.js';

/** The page of the viewer: takes the place of the picture that is there without scripts. */
export function startViewer(): void {
  const root = document.querySelector<HTMLElement>('#viewer');
  const data = document.querySelector('#viewer-data')?.textContent;
  if (!root || !data) return;
  const { tiles = '', tables = '' } = root.dataset;
  const viewerData: ViewerData = { ...(JSON.parse(data) as ViewerData), tiles, tables };
  const viewer = new ImageViewer(root, viewerData);
  viewer.start();
  root.querySelector('[data-say-ready]')!.textContent = say(viewerData.words, 'ready');
}
