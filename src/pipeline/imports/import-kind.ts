/** What pipelines can be imported from. */
export const IMPORT_KINDS = ['nextflow', 'script-server', 'argparse'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];
