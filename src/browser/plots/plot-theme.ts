import type { Json } from './plot-source.js';

/** Told apart by people who see red and green alike, on light and on dark ground. */
const CATEGORIES = ['#4c78a8', '#e07b1a', '#3a9d8f', '#c9485b', '#8c6bb1', '#b79a20', '#5aa0d0', '#b5658a', '#7a8b3c', '#8d8d95'];

/** The colours of our pages, as they are now, for a plot that chooses none. @param within an element of the page. */
export function plotConfig(within: HTMLElement): Json {
  const colour = colours(within);
  const [ink, soft, line, edge] = [colour('--ink'), colour('--ink-2'), colour('--line'), colour('--line-2')];
  const words = { labelColor: soft, titleColor: ink, titleFontWeight: 500, labelFontSize: 12, titleFontSize: 12 };
  return {
    background: 'transparent',
    font: getComputedStyle(within).fontFamily,
    padding: 8,
    axis: { ...words, domainColor: edge, tickColor: edge, gridColor: line },
    header: words,
    legend: words,
    title: { color: ink, subtitleColor: soft, fontSize: 14, fontWeight: 600 },
    view: { stroke: line },
    range: { category: CATEGORIES },
    mark: { color: CATEGORIES[0] },
    text: { color: ink },
    rule: { color: soft },
    style: { 'guide-label': { fill: soft }, 'guide-title': { fill: ink }, 'group-title': { fill: ink } },
  };
}

/** Tokens are two colours each, of which the browser knows the one that counts here. */
function colours(within: HTMLElement): (token: string) => string {
  const probe = document.createElement('span');
  probe.hidden = true;
  within.append(probe);
  const read = new Map<string, string>();
  for (const token of ['--ink', '--ink-2', '--line', '--line-2']) {
    probe.style.color = `var(${token})`;
    read.set(token, getComputedStyle(probe).color);
  }
  probe.remove();
  return (token) => read.get(token) ?? 'gray';
}
