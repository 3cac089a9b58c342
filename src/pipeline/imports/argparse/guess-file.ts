/** argparse knows no files: most scripts take their paths as text. What an argument is called tells. */

const RESULTS_FOLDER = /^(out|output|results?)_?(dir|directory|folder|path)$/i;
const OUTPUT = /^(out|output|outfile|out_?file|output_?file|output_?(csv|table|image|name)|save_?(as|to))$/i;
const INPUT =
  /^(in|input|infile|in_?file|filename|file|path)$|(^|_)(input|image|img|mask|table|csv|tsv|fasta|fastq|bam|vcf|bed|tif|tiff)(_?(file|path))?$|_(file|path)$/i;
const NO_FILE = /(name|number|index|channel|column|size|width|height|type|format|suffix|prefix|dir|folder|directory|sep|count|max|min)$/i;

/** Whether it is the folder into which the script writes. */
export function isResultsFolder(dest: string): boolean {
  return RESULTS_FOLDER.test(dest);
}

/** @param isPath whether the script says that it is a path. */
export function guessFile(dest: string, help: string, isPath: boolean): 'file' | 'output' | null {
  if (OUTPUT.test(dest)) return 'output';
  if (INPUT.test(dest) && !NO_FILE.test(dest)) return 'file';
  if (/\b(?:path (?:to|of)|input) (?:the |an? )?(?:\w+ )?(?:file|image|table)\b/i.test(help) && !NO_FILE.test(dest)) return 'file';
  return isPath && !NO_FILE.test(dest) ? 'file' : null;
}
