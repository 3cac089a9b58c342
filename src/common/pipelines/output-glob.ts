/** Globs of manifests; the browser has them, too, for rules for names. */
export { compileGlob } from '../../browser/conditions/glob';
