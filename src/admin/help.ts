/** What `node dist/admin --help` prints. Imports nothing: the entrypoint reads it before it knows on which Node it runs. */
export const HELP = `
Usage: node dist/admin <command>

People
  make-admin <email>                 makes that account an administrator
  unmake-admin <email>               makes an ordinary account of an administrator; never of the last one
  suspend <email> <reason>           keeps that person out: sessions end, the log-in is refused with the reason, runs that
                                     wait are cancelled; what runs goes on, and everything stays
  unsuspend <email>                  lets that person in again
  quota <email> [<limit>=<value>…]   shows the limits of that person, after changes: space=20GB upload=2GB files=1000
                                     projects=5 runs=4 waiting=50; none for no limit, nothing behind = for the site's
  reset-password <email> [--stdin]   sets a new random password and prints it, or reads one line from standard input;
                                     ends every session of that account
  confirm <email>                    takes the address of that account for confirmed, without the link in a mail
  change-address <email> <new>       gives that account another address, under which it logs in from now on
  reset-link <email>                 prints a link by which that person chooses a new password; it works once, for two hours
  invite <email>                     prints a link by which somebody with that address signs up, whoever else may; it works
                                     once, for two weeks
  keep-account <email>               keeps an account whose person asked for its end, as long as it is not being deleted
  list-users                         lists the accounts: administrator or not, when seen last, address, and in brackets who is
                                     external, has not confirmed the address, or leaves
  tokens [<email>]                   lists tokens of programs: how they begin, whose they are, when used last, what they may
  tokens-revoke <token>              that token lets nobody in any more; <token>: how it begins
  tokens-revoke --all <email>        none of that account does

The site
  disk                               shows free space, who uses how much, and the largest projects, as last counted
  audit [--since <day>] [--person <who>] [--csv]
                                     prints who changed what, newest first: by address or name, as lines or as CSV

Groups
  groups                             lists the groups and who is in them
  group-add <group> [<email>…]       adds these accounts to that group, and makes the group where there is none
  group-remove <group> <email>…      takes these accounts out of that group
  group-delete <group>               deletes that group; its people keep their accounts

Pipelines
  pipelines                          lists the pipelines: on, off or faulty, who may run them, where they could run, their runs;
                                     and what is wrong with them
  pipeline-off <pipeline> [--note <words>]
                                     nobody can ask for runs of it, and the words say why; runs that wait still start
  pipeline-on <pipeline>             undoes that
  pipeline-access <pipeline> [everyone | accounts | administrators | manifest | <group or email>…]
                                     says who may run it, whatever its manifest says ("manifest": as that says); without more
                                     words tells who may

Mail
  outbox                             lists mails that wait or failed, with what the server said, and how many were sent lately
  outbox-retry <mail> | --all        tries failed mails again, now
  outbox-drop <mail>                 takes a mail that was not sent out of the outbox

Runners
  runners                            lists the runners: state, places, cores, memory and GPUs taken of all (GPUs with * are
                                     taken), when heard last, runs that they hold
  pause <runner> | --all             takes nothing new; what runs there goes on, and so does the runner
  drain <runner> | --all             takes nothing new, finishes what runs there, and then stops
  resume <runner> | --all            takes runs again; undoes pause and drain
  remove-runner <runner>             forgets a runner that is gone for ever and holds nothing

Cleaner
  cleaner [--days <number>]          lists what goes now, or within so many days: day, size, owner; removes nothing
  keep <run|project> --until <day> | --for-ever | --as-usual
                                     keeps a run, or a project with all its runs, from the cleaner; a project by the id in its address

Runs
  queue                              lists what runs, and what waits and why
  cancel <run> [--reason <sentence>] cancels a run that waits, or stops one that runs; whoever asked for it reads the reason
  front <run>, back <run>            moves a run that waits to the front of the line, or behind all others
  move <run> before|after <run>      puts a run that waits beside another one
  hold <run> [--reason <sentence>]   lets a run wait until it is released; it keeps its place
  release <run>                      lets it take part in the queue again
  hold --all [--reason <sentence>]   holds the whole queue: nothing new starts, on no runner, and everybody reads why
  release --all                      lets the queue go on
  lost <run>                         ends an unknown run, of which no runner will ever learn more, as lost; its place becomes free

Coming from PyShowwwcase or ScriptRunner (docs/coming-from.md)
  take-over [<place> …] [options]    looks at that installation and says what would be taken over, with every problem; changes
                                     nothing. <place>: its .env and settings.py, or ScriptRunner.conf, or the folder that holds them
    --go                             does it: people, folders of projects (moved, never copied), results, queue. May be killed and
                                     run again at any time
    --undo                           moves all folders back to where they were
    --database=mysql://user:password@host:3306/name    where its .env does not say it, or says a name that only containers know
    --projects=<folder>              folder with one folder for each person, where its settings do not say it
    --pipeline=<name>                the pipeline here that it ran
    --results=<name>,<name>          what a run leaves directly in a project
    --users=<table> --queue=<table>  names of its tables; users and queue
    --column=users.email=<column>    what a column is called where it is not found; again for each
    --domain=<lab.example.org>       makes addresses of names that are none
    --guests-to=<email>              gives projects of guests to that account; else they stay where they are
    --join                           gives people accounts that were made here under their address and that nobody has confirmed
    --all                            names every problem, however many there are

Examples
  node dist/admin pause ws-core-1    before the machine is needed for something else
  node dist/admin drain --all        before an upgrade: everything ends in its own time
  node dist/admin front 1234
  node dist/admin take-over /srv/pyshowwwcase/setup --pipeline=pipex --results=analysis

Exit status: 0 done, 64 the command makes no sense, 65 there is no such account, runner or run (or it is too late), else a failure.
Works on the database of the settings (environment and .env), also while Showrunner runs.
`;
