/** The parts of Vega that are used; the build puts its file beside ours. */
export { View, Warn, expressionFunction, formats, parse, transforms } from 'vega';
