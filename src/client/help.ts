export const HELP = `showrunner: projects, files and runs of a Showrunner, from the shell

Usage: showrunner <command> [<words>] [--json] [--quiet] [--site <address>]

Begin
  login <address>                    asks for email and password, and keeps a token in ~/.config/showrunner, which only you can
                                     read. --email <email>, --password-stdin or --token-stdin for scripts; --days, --scopes, --name
  logout                             revokes that token and forgets it

Projects and files
  projects [<part of names>]         lists your projects, and those that others share with you
  projects new <name>                makes one
  put <project> <file|folder>…       sends files and folders into a project; the same command again goes on where it stopped, and
                                     leaves alone what is there already
      --to <folder>                  into that folder of the project
      --skip, --replace, --keep-both what to do where a name is taken by something else
  get <project> <path>…              takes files and folders out of a project; "." for all
  get --run <run> [<path>…]          takes the results of a run
      --to <folder>                  into that folder of this machine

Runs
  pipelines [<pipeline>]             lists the pipelines; or what one of them wants to know
  run <project> <pipeline> [<name>=<value>…]
                                     asks for a run. Files are paths in the project. A name twice makes a list
      --wait                         shows the log while it runs, and ends with the run
      --dry-run                      only shows the command that would run
      --sweep <name>=<a>,<b>         one run for each value; several times for all combinations, with --together side by side
      --after <run>                  starts when that run has succeeded; <name>=after:*.csv takes results of it
      --key <text>                   sent again under the same key, it makes no second run
  status [<run>]                     your latest runs, or one of them; --state queued, running, finished, …; --limit; --wait
  log <run> [--follow]               what the program says
  cancel <run>…                      cancels runs that wait, and stops those that run
  queue                              what runs and what waits, of everybody
  schedules <project>                lists what starts there by itself
  schedules pause|resume|delete|restore <project> <schedule>
                                     stops one for a while, lets it go on, ends it, or takes that back within an hour

Examples
  showrunner login http://lab1:8080
  showrunner projects new "Spleen, slide 4"
  showrunner put "Spleen, slide 4" ./slides
  showrunner run "Spleen, slide 4" nuclei image=slides/a.tif sigma=1.5 --wait
  showrunner get --run 12 --to ./results
  showrunner run "Spleen, slide 4" nuclei image=slides/a.tif --json | jq .run.id

Exit status: 0 done (and the run succeeded, where it was waited for), 2 the run ended otherwise, 3 it was cancelled, 64 the command
makes no sense, 65 what it names is not there or is refused, 69 nobody answers, 74 a file of this machine cannot be read or written,
75 try again later, 77 log in first or may not, 1 anything else. With --json results are JSON on standard output, and failures JSON on
standard error. SHOWRUNNER_SITE and SHOWRUNNER_TOKEN win over the last log-in.
`;
