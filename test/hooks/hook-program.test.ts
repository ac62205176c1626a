import { describe, expect, it } from 'vitest';
import { lookAtHook } from '../../src/hooks/hook-program.js';
import { folder, put } from '../config/support.js';

describe('the program of a hook', () => {
  it('is ready when it can be started, with its words and without', async () => {
    const place = await folder();
    const file = await put(place, 'vip', '#!/bin/sh\n', 0o755);
    expect(await lookAtHook(file, '')).toEqual({ kind: 'ready', file });
    expect(await lookAtHook(`${file} --vip=10.0.0.1`, '')).toEqual({ kind: 'ready', file });
    expect(await lookAtHook('vip', `/nonexistent:${place}`)).toEqual({ kind: 'ready', file });
  });

  it('is a script that needs modules of MHA’s own, as MHA’s samples do', async () => {
    const lines = ['#!/usr/bin/env sh', '# use MHA::Nothing;', 'use MHA::DBHelper;', '  use MHA::DBHelper qw(x);'];
    const file = await put(await folder(), 'vip', [...lines, 'require MHA::SSHCheck;'].join('\n'), 0o755);
    const modules = ['MHA::DBHelper', 'MHA::SSHCheck'];
    expect(await lookAtHook(file, '/usr/bin:/bin')).toEqual({ kind: 'ready', file, modules });
  });

  it('is judged by nobody but a shell where the value is shell text', async () => {
    expect(await lookAtHook('test -f /x && /opt/vip', '')).toEqual({ kind: 'shell' });
  });

  it('is missing, or may not be started', async () => {
    const place = await folder();
    const file = await put(place, 'vip', '#!/bin/sh\n', 0o644);
    expect(await lookAtHook(file, '')).toEqual({ kind: 'not-executable', file });
    expect(await lookAtHook(`${file}2`, '')).toEqual({ kind: 'missing', file: `${file}2` });
    expect(await lookAtHook('vip', place)).toEqual({ kind: 'missing', file: 'vip' });
    expect(await lookAtHook(place, '')).toEqual({ kind: 'missing', file: place });
  });

  it.each([
    ['#!/nonexistent/perl -w', '/nonexistent/perl'],
    ['#!/usr/bin/env no-such-perl', 'no-such-perl'],
    ['#! /usr/bin/env -S no-such-perl -w', 'no-such-perl'],
  ])('wants what its first line names: %s', async (line, interpreter) => {
    const file = await put(await folder(), 'vip', `${line}\nprint 1;\n`, 0o755);
    expect(await lookAtHook(file, '/usr/bin:/bin')).toEqual({ kind: 'no-interpreter', file, interpreter });
  });
});
