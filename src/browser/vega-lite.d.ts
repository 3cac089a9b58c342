/** The part of Vega-Lite that is used; the build puts its file beside ours. */
export { compile } from 'vega-lite';
