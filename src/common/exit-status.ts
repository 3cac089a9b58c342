/** Exit statuses of the commands, as `sysexits.h` has them; 1 is for all else that fails. */

/** The command line means nothing. */
export const EXIT_USAGE = 64;
/** What it names is not there, or not in a state for it. */
export const EXIT_DATA = 65;
/** Settings, or the tables of the database: trying again does not help, so systemd leaves it at that. */
export const EXIT_CONFIG = 78;
