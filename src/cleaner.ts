import { runEntrypoint } from './common/runtime';

void runEntrypoint({
  help: `
Usage: node dist/cleaner [--dry-run | --scheduled]

Deletes what is past its time: results and logs of runs that ended more than RETENTION_DAYS ago and that nobody keeps, old files of inbox
and outbox, unfinished uploads, what people deleted more than TRASH_DAYS ago, spaces of guests who were away for GUEST_DAYS, old log-ins,
mails and small pictures, and folders, reservations and checksums that belong to nothing. Then it measures what everybody uses.
Files that people with an account uploaded stay, and so does everything of runs that wait or run.

Run it once a day from cron. It prints one summary line and ends with status 0, or 1 when something could not be deleted.

  --dry-run    lists what would go, with sizes, and deletes nothing
  --scheduled  stays, and cleans at the times of CLEANER_SCHEDULE
`,
  start: async () => (await import('./cleaner/start-cleaner.js')).startCleaner(process.argv.slice(2)),
});
