/**
 * MySQL from Debian's unstable suite, in a root directory of its own: nothing of it touches the machine's own packages.
 * Whatever version the suite has is taken, and one that is here is kept.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { installDebian, isProgram } from './debian.mjs';

const suite = 'sid';
const packages = ['mysql-server', 'mysql-client'];
const ordinaryMirror = 'http://deb.debian.org/debian';
const fetchMs = 10 * 60_000;

/** What a server needs none of: half of the room. */
const superfluous = [
  'var/cache',
  'var/lib/apt/lists',
  'var/lib/mysql',
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
];

/** Gives why there is none at the place, or undefined when it is there. */
export function setUpSuite(place, say) {
  if (isWhole(place)) return undefined;
  const impossible = obstacle();
  if (impossible) return impossible;
  const missing = isProgram('debootstrap') ? undefined : installDebian(['debootstrap', 'debian-archive-keyring']);
  if (missing) return missing;
  mkdirSync(dirname(place), { recursive: true });
  removeOldDrafts(place);
  const draft = mkdtempSync(`${place}.draft-`);
  try {
    say(`fetching MySQL from Debian's unstable suite into ${place} (about a minute)`);
    const failed = fetch(draft) ?? fit(draft);
    if (failed) return failed;
    // Two at once: the second one finds the place taken and uses what is there.
    if (!isWhole(place)) {
      rmSync(place, { recursive: true, force: true });
      renameSync(draft, place);
    }
    return undefined;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function obstacle() {
  if (process.platform !== 'linux') return `it runs on Linux, and this is ${process.platform}`;
  if (process.getuid() !== 0) return 'fetching it from Debian needs root';
  if (!isProgram('apt-get')) return 'it is fetched with the tools of Debian, which are not here';
  return undefined;
}

/** The first mirror that carries it. A name space of mounts and processes: what is mounted or started there ends with it. */
function fetch(draft) {
  let failed;
  for (const mirror of mirrors()) {
    rmSync(draft, { recursive: true, force: true });
    const options = ['--variant=minbase', `--include=${packages.join(',')}`];
    // It dies with us, however we end.
    const apart = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child'];
    const argv = [...apart, 'debootstrap', ...options, suite, draft, mirror];
    const run = spawnSync(argv[0], argv.slice(1), {
      encoding: 'utf8',
      env: { ...process.env, ...proxy(), DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
      timeout: fetchMs,
      killSignal: 'SIGKILL',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (run.status === 0) return undefined;
    const said = `${run.stdout}\n${run.stderr}`
      .split('\n')
      .filter((line) => /^(E|W):/.test(line))
      .at(-1);
    failed = `debootstrap ${suite} from ${mirror}: ${run.error?.message ?? said ?? `exit ${run.status ?? run.signal}`}`;
  }
  return failed;
}

/** What this machine's own packages come from, which may be near and the only one that can be reached; then Debian's. */
function mirrors() {
  const format = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Origin: Debian'];
  const { stdout } = spawnSync('apt-get', format, { encoding: 'utf8' });
  const own = (stdout ?? '').split('\n').find((line) => /^https?:.*\/debian\/?$/.test(line));
  return [...new Set([own?.replace(/\/$/, ''), ordinaryMirror].filter((mirror) => mirror))];
}

/** apt may know a way out that other programs are not told of. */
function proxy() {
  if (process.env.http_proxy) return {};
  const { stdout } = spawnSync('apt-config', ['dump', '--format', '%v', 'Acquire::http::Proxy'], { encoding: 'utf8' });
  const found = (stdout ?? '').trim();
  return /^http/.test(found) ? { http_proxy: found } : {};
}

/** The loader that belongs to the server, under the server's name: that is what a process list shows. */
function fit(draft) {
  for (const path of superfluous) rmSync(join(draft, path), { recursive: true, force: true });
  const libraries = join(draft, 'usr', 'lib');
  const loaders = readdirSync(libraries).flatMap((name) =>
    name.endsWith('-linux-gnu')
      ? readdirSync(join(libraries, name))
          .filter((file) => /^ld-linux.*\.so\.\d+$/.test(file))
          .map((file) => join(name, file))
      : [],
  );
  if (loaders.length === 0) return 'the suite has no dynamic loader where one is looked for (usr/lib/*-linux-gnu)';
  mkdirSync(join(draft, 'start'), { recursive: true });
  symlinkSync(join('..', 'usr', 'lib', loaders[0]), join(draft, 'start', 'mysqld'));
  const { status, stderr, error } = version(draft);
  return status === 0
    ? undefined
    : `its mysqld does not run here: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
}

function version(place) {
  const loader = join(place, 'start', 'mysqld');
  const words = ['--library-path', dirname(realpathSync(loader)), join(place, 'usr', 'sbin', 'mysqld'), '--version'];
  return spawnSync(loader, words, { encoding: 'utf8' });
}

/** The place is taken as a whole or not at all. */
function isWhole(place) {
  return existsSync(join(place, 'start', 'mysqld'));
}

/** What an interrupted run left behind; a young one may be another run's, which is at work on it. */
function removeOldDrafts(place) {
  const folder = dirname(place);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const isDraft = name.startsWith(`${basename(place)}.draft-`);
    if (isDraft && Date.now() - statSync(path).mtimeMs > 2 * fetchMs) rmSync(path, { recursive: true, force: true });
  }
}
