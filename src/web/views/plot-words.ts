import type { PlotWords } from '../../browser/plots/plot-words';
import { sentencesOf, text } from '../../locales/text';

/** The words that a plot is drawn with; all of them go to the browser where a plot is. */
export function plotWords(): PlotWords {
  const words = sentencesOf('reports');
  return {
    drawing: words.plotDrawing,
    slow: words.plotSlow,
    ended: words.plotEnded,
    drawAnyway: words.plotDrawAnyway,
    large: text('reports.plotLarge', { most: text('reports.plotMostData') }),
    foreign: words.plotForeign,
    gone: words.plotGone,
    bad: words.plotBad,
    badSpec: words.plotBadSpec,
    png: words.savePng,
    pngOf: words.savePngOf,
    svg: words.saveSvg,
    svgOf: words.saveSvgOf,
  };
}
