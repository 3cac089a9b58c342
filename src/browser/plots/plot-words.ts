/** What a plot says of itself. */
export interface PlotWords {
  drawing: string;
  slow: string;
  /** It ended the page when it was drawn before. */
  ended: string;
  drawAnyway: string;
  large: string;
  foreign: string;
  gone: string;
  /** With the place `{reason}`. */
  bad: string;
  badSpec: string;
  png: string;
  /** With the place `{title}`, as `svgOf`. */
  pngOf: string;
  svg: string;
  svgOf: string;
}
