/** Who may import whom. Each rule says why; `npm run rooms` checks them. */
const room = (name) => `^src/${name}/`;
const only = (from, allowed, comment) => ({
  name: `${from}-imports`,
  comment,
  severity: 'error',
  from: { path: room(from) },
  to: { path: '^src/', pathNot: [from, ...allowed].map(room) },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle hides which of two files is the base.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'What nothing reaches is dead or a mistake.',
      severity: 'error',
      from: { orphan: true, pathNot: ['^src/commands/', '^src/recovery/worker\\.ts$', '^src/sandbox/', '\\.d\\.ts$'] },
      to: {},
    },
    only('model', [], 'Leaf types: everything may build on them because they build on nothing.'),
    only('ports', ['model'], 'Ports are interfaces in the words of the model.'),
    only('config', ['model'], 'The file is turned into settings without knowing what they are used for.'),
    only('mysql', ['model', 'ports'], 'SQL text and the driver stay behind one door.'),
    only('ssh', ['model', 'ports'], 'Shells and tunnels stay behind one door.'),
    only('binlog', ['model', 'ports'], 'Bytes are parsed without knowing where they come from.'),
    only(
      'recovery',
      ['model', 'ports', 'binlog', 'ssh'],
      'The worker joins bytes to tunnels; decisions are made elsewhere.',
    ),
    only('monitor', ['model', 'ports'], 'Evidence is judged without knowing how it was gathered.'),
    only('failover', ['model', 'ports'], 'Deciding is pure; acting goes through ports.'),
    only('hooks', ['model', 'ports'], "A site's scripts are called the same from every run."),
    only('workdir', ['model', 'ports'], 'Files are written without knowing why.'),
    only('report', ['model', 'ports'], 'What happened is told by those who only listened.'),
    only(
      'sandbox',
      ['model', 'ports', 'ssh', 'mysql', 'binlog', 'recovery', 'cli'],
      'The real cluster is what the product is tried on; it decides nothing.',
    ),
    {
      name: 'compatibility-is-documentation',
      comment: 'Which test shows what is for readers; no command carries it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/mha/compatibility/' },
      to: { path: '^src/cli/mha/compatibility/' },
    },
    {
      name: 'driver-behind-its-door',
      comment: 'One place knows the traps of the SQL driver.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/mysql/', '^src/sandbox/'] },
      to: { path: 'node_modules/mysql2' },
    },
    {
      name: 'ssh2-behind-its-door',
      comment: 'One place knows the traps of the SSH library.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/ssh/' },
      to: { path: 'node_modules/ssh2' },
    },
    {
      name: 'deciding-is-pure',
      comment: 'What decides reads only what it was given: no file, no network, no process, no timer.',
      severity: 'error',
      from: { path: ['^src/model/', '^src/failover/', '^src/report/(?!terminal)'] },
      to: {
        dependencyTypes: ['core'],
        path: '^(fs|net|http|https|tls|dns|child_process|worker_threads|timers)',
        pathNot: '^net$',
      },
    },
    {
      name: 'files-in-named-rooms',
      comment: 'Disk is touched where its owner can be named.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(config|workdir|recovery|ssh|sandbox|cli|binlog|hooks)/'] },
      to: { dependencyTypes: ['core'], path: '^fs' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
