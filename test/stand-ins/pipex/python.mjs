/** Stands for Python, for the scripts of PIPEX: `node python.mjs -u segmentation.py …`. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [script = '', ...words] = process.argv.slice(2).filter((word) => word !== '-u');
const file = new URL(script.replace(/\.py$/, '.mjs'), import.meta.url);
if (!/^[a-z_]+\.py$/.test(script) || !existsSync(file)) {
  process.stderr.write(`python: can't open file '${process.cwd()}/${script}': [Errno 2] No such file or directory\n`);
  process.exit(2);
}
process.argv = [process.execPath, fileURLToPath(file), ...words];
await import(file.href);
