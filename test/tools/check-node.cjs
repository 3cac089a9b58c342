// Runs before anything else and on any Node, however old: so no syntax younger than 2009 here.
var version = process.versions.node;
if (parseInt(version.split('.')[0], 10) < 20) {
  console.error(
    'Node ' +
      version +
      ' is too old: Showrunner needs Node 20 or newer to install itself, and then brings its own Node 24. See https://nodejs.org',
  );
  process.exit(1);
}
