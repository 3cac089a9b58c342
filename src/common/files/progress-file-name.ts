/** The file in the folder for results into which a program may write how far it is; it is no result, and goes when the program has ended. */
export const PROGRESS_FILE = '.showrunner-progress';
