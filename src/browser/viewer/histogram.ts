import type { SampleFacts } from './pyramid.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 64;
const HEIGHT = 24;

/** Pixels by brightness, in a scale that shows the few bright ones beside the many dark ones. */
export function drawHistogram(svg: SVGSVGElement, { histogram }: SampleFacts): void {
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  const most = Math.log1p(Math.max(...histogram, 1));
  const step = WIDTH / histogram.length;
  const tops = histogram.map((count, bar) => `L${bar * step},${height(count, most)}L${(bar + 1) * step},${height(count, most)}`);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', `M0,${HEIGHT}${tops.join('')}L${WIDTH},${HEIGHT}Z`);
  svg.replaceChildren(path);
}

function height(count: number, most: number): string {
  return (HEIGHT - (Math.log1p(count) / most) * HEIGHT).toFixed(1);
}
