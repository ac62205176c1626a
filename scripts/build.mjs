#!/usr/bin/env node
/**
 * Compiles `src` to `dist` and writes the command manifest, which makes start-up and help quicker. Does nothing when
 * nothing has changed since the last time. Needs node_modules.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '..', '..');
const stamp = join(root, 'dist', '.built');

/** Gives the reason when it fails, else nothing. */
export function build({ say = () => {} } = {}) {
  const begun = new Date();
  if (isCurrent()) return undefined;
  say('building');
  removeOrphans(join(root, 'dist'), join(root, 'src'));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const compiled = run([compiler, '-p', 'tsconfig.json']);
  if (compiled) return compiled;
  const failed = existsSync(join(root, 'src', 'cli', 'run.ts')) ? writeManifest() : undefined;
  if (failed) return failed;
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, '');
  // What was changed while the compiler ran counts as newer.
  utimesSync(stamp, begun, begun);
  return undefined;
}

/** A manifest that does not know a command hides it, so an old one is removed before the new one is made. */
function writeManifest() {
  rmSync(join(root, 'oclif.manifest.json'), { force: true });
  return run([join(root, 'node_modules', 'oclif', 'bin', 'run.js'), 'manifest']);
}

function run(args) {
  const done = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  if (done.status === 0) return undefined;
  return `${done.stdout}${done.stderr}${done.error?.message ?? ''}`.trim();
}

function isCurrent() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return (
    newest(join(root, 'src')) < built &&
    ['package.json', 'tsconfig.json'].every((name) => statSync(join(root, name)).mtimeMs < built)
  );
}

/** Newest change below a folder; a folder's own time tells of files that went away. */
function newest(folder) {
  let latest = statSync(folder).mtimeMs;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

/** The compiler leaves the output of files that are gone; the command loader would take them for commands. */
function removeOrphans(output, source) {
  if (!existsSync(output)) return;
  for (const entry of readdirSync(output, { withFileTypes: true })) {
    const path = join(output, entry.name);
    if (entry.isDirectory()) {
      if (existsSync(join(source, entry.name))) removeOrphans(path, join(source, entry.name));
      else rmSync(path, { recursive: true });
    } else if (
      /\.js(\.map)?$/.test(entry.name) &&
      !existsSync(join(source, entry.name.replace(/\.js(\.map)?$/, '.ts')))
    ) {
      rmSync(path);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const failure = build();
  if (failure) process.stderr.write(`${failure}\n`);
  process.exitCode = failure ? 1 : 0;
}
