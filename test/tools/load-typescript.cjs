/** `node --require ./test/tools/load-typescript.cjs file.ts`: lets a test start a further process on the sources, as jest itself runs them. */
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { transformSync } = require('@swc/core');

const OPTIONS = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2022',
  },
  module: { type: 'commonjs' },
};

Module._extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), { ...OPTIONS, filename });
  module._compile(code, filename);
};

/** Scripts of pages name what they import as browsers find it, `./part.js`, also where the server shares them. */
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function resolve(request, parent, ...rest) {
  const isOurs = parent?.filename?.endsWith('.ts') && /^\.\.?\/.*\.js$/.test(request);
  return resolveFilename.call(this, isOurs ? request.slice(0, -'.js'.length) : request, parent, ...rest);
};
