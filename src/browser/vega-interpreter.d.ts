/** Evaluates the expressions of plots step by step, without making programs of them; the build puts its file beside ours. */
export { expressionInterpreter } from 'vega-interpreter';
