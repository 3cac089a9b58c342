/** What `node dist/pipeline --help` prints. Imports nothing: the entrypoint reads it before it knows on which Node it runs. */
export const HELP = `
Usage: npm run pipeline -- <command>          (or, once built, node dist/pipeline <command>)

  new <name>                       copies the commented template to PIPELINES_DIR/<name>: a small program that works, a
                                   pipeline.yaml that explains itself, and a sample with what is expected of it
  check <name> [--json] [--keep]   reads a pipeline and names every fault with file, line and field; if there is none, runs its
                                   samples: form values, arguments, the real program, the files and the log that are expected.
                                   <name> is one of PIPELINES_DIR, or the path of a folder, its pipeline.yaml or a script (./my-pipeline)
                                   --json prints the report as JSON; --keep leaves the folders of the samples where they are
  import nextflow <file> [--name <name>]        nextflow_schema.json of a pipeline
  import script-server <file> [--name <name>]   JSON of a script-server runner
  import argparse <file> [--name <name>]        a Python script; it is read and never run
                                   each makes an ordinary folder in PIPELINES_DIR, and says in its IMPORT.md what was lost
  schema                           writes config/pipeline.schema.json again, for editors; after a change of the manifest or its docs

Exit status: 0 all is well; 1 the pipeline has faults; 2 a sample did something else than its pipeline says; 64 the command makes no
sense; 65 there is no such pipeline or file, or it cannot be imported; 69 the engine of the pipeline cannot be reached from here, so
that its samples were only checked up to their arguments, or names are missing that somebody has to provide; 73 the name is taken or
cannot be used; 74 a file or folder of this machine cannot be made or used; 130 interrupted.
Settings come from the environment and from .env; no database is needed.
`;
