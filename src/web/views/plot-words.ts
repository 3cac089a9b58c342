import type { PlotWords } from '../../browser/plots/plot-words';
import { english, text } from '../../locales/text';

const {
  plotDrawing: drawing,
  plotSlow: slow,
  plotForeign: foreign,
  plotGone: gone,
  plotBad: bad,
  plotBadSpec: badSpec,
  savePng: png,
  savePngOf: pngOf,
  saveSvg: svg,
  saveSvgOf: svgOf,
} = english.reports;

const large = text('reports.plotLarge', { most: text('reports.plotMostData') });

/** The words that a plot is drawn with; all of them go to the browser where a plot is. */
export const PLOT_WORDS: PlotWords = { drawing, slow, large, foreign, gone, bad, badSpec, png, pngOf, svg, svgOf };
