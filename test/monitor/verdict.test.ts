import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serverId } from '../../src/model/settings.js';
import type { Evidence, Testimony, VerdictPolicy } from '../../src/monitor/evidence.js';
import { reachVerdict } from '../../src/monitor/verdict.js';

const policy: VerdictPolicy = { missesForDeath: 4, hasShutdownScript: false };

function testimony(over: Partial<Testimony> = {}): Testimony {
  return {
    replica: serverId('db2', 3306),
    replication: 'lost-it',
    port: 'refused',
    answered: true,
    why: 'its receiver has lost the source',
    ...over,
  };
}

function evidence(over: Partial<Evidence> = {}): Evidence {
  return {
    misses: 1,
    lastMiss: 'connection lost',
    port: 'refused',
    host: { shell: 'open', process: 'none', lines: ['no process holds the port or the data directory'] },
    replicas: [testimony(), testimony({ replica: serverId('db3', 3306) })],
    script: 'not-configured',
    ...over,
  };
}

const noShell = { shell: 'unreachable', process: 'cannot-tell', lines: [] } as const;
const running = { shell: 'open', process: 'running', lines: ['mariadbd (pid 7)'] } as const;
const silent = testimony({ replication: 'cannot-tell', port: 'no-answer' });
const mute = testimony({ replication: 'cannot-tell', port: 'cannot-tell', answered: false });

describe('reachVerdict', () => {
  it.each<[string, Evidence, string, string, string]>([
    ['proof decides at the first miss', evidence(), 'dead', 'source-dead-proven', 'shell'],
    [
      'proof does not wait for the replicas',
      evidence({ replicas: [undefined] }),
      'dead',
      'source-dead-proven',
      'shell',
    ],
    ['nothing was missed', evidence({ misses: 0 }), 'keep-looking', 'source-failing', 'nobody'],
    [
      'progress may be what was still in the socket: proof outweighs it',
      evidence({ replicas: [testimony({ replication: 'sees-it' })] }),
      'dead',
      'source-dead-proven',
      'shell',
    ],
    [
      'a replica’s host that hears the server speak outweighs even proof',
      evidence({ replicas: [testimony({ port: 'speaks' })] }),
      'keep-looking',
      'replicas-still-see-source',
      'nobody',
    ],
    ['a refused port alone is no proof', evidence({ host: noShell }), 'keep-looking', 'source-failing', 'nobody'],
    [
      'nor is it when the host cannot tell',
      evidence({ host: { ...running, process: 'cannot-tell' } }),
      'keep-looking',
      'source-failing',
      'nobody',
    ],
    [
      'a refused port is enough after the ladder',
      evidence({ misses: 4, host: noShell }),
      'dead',
      'source-dead-by-ladder',
      'nobody',
    ],
    [
      'the machine is gone',
      evidence({ misses: 4, port: 'no-answer', host: noShell, replicas: [silent, testimony()] }),
      'dead',
      'source-dead-by-ladder',
      'nobody',
    ],
    [
      'the machine is gone, one miss too few',
      evidence({ misses: 3, port: 'no-answer', host: noShell, replicas: [silent] }),
      'keep-looking',
      'source-failing',
      'nobody',
    ],
    [
      'a replica was not asked yet',
      evidence({ misses: 4, port: 'no-answer', host: noShell, replicas: [silent, undefined] }),
      'keep-looking',
      'source-failing',
      'nobody',
    ],
    [
      'the host was not asked yet',
      evidence({ misses: 4, port: 'no-answer', host: { ...noShell, shell: 'pending' } }),
      'keep-looking',
      'source-failing',
      'nobody',
    ],
    [
      'a replica still receives',
      evidence({
        misses: 9,
        port: 'no-answer',
        host: noShell,
        replicas: [silent, testimony({ replication: 'sees-it' })],
      }),
      'keep-looking',
      'replicas-still-see-source',
      'nobody',
    ],
    [
      'a replica’s host can open the port that we cannot reach',
      evidence({ misses: 9, port: 'no-answer', host: noShell, replicas: [testimony({ port: 'silent' })] }),
      'keep-looking',
      'replicas-still-see-source',
      'nobody',
    ],
    [
      'nobody answers us at all',
      evidence({ misses: 9, port: 'no-answer', host: noShell, replicas: [mute, mute] }),
      'keep-looking',
      'manager-cut-off',
      'nobody',
    ],
    [
      'a hung server that can be killed',
      evidence({
        misses: 4,
        port: 'silent',
        host: running,
        replicas: [testimony({ replication: 'cannot-tell', port: 'silent' })],
      }),
      'dead',
      'source-hung',
      'shell',
    ],
    [
      'a hung server too early',
      evidence({ misses: 3, port: 'silent', host: running }),
      'keep-looking',
      'source-failing',
      'nobody',
    ],
    [
      'a hung server that cannot be fenced',
      evidence({ misses: 4, port: 'silent', host: noShell }),
      'blocked',
      'cannot-fence',
      'nobody',
    ],
    [
      'a hung server whose queue of connections is full: its machine is up',
      evidence({ misses: 4, port: 'no-answer', host: { ...noShell, isUp: true }, replicas: [silent] }),
      'blocked',
      'cannot-fence',
      'nobody',
    ],
    [
      'a machine that answers nobody on any port',
      evidence({ misses: 4, port: 'no-answer', host: { ...noShell, isUp: false }, replicas: [silent] }),
      'dead',
      'source-dead-by-ladder',
      'nobody',
    ],
    [
      'the process is there and the port is not',
      evidence({ misses: 4, port: 'no-answer', host: running }),
      'dead',
      'source-hung',
      'shell',
    ],
    ['the script is still asked', evidence({ script: 'pending' }), 'keep-looking', 'waiting-for-script', 'nobody'],
    ['the script objects', evidence({ script: 'objects' }), 'keep-looking', 'vetoed-by-script', 'nobody'],
    ['the script permits', evidence({ script: 'permits' }), 'dead', 'source-dead-proven', 'shell'],
  ])('%s', (_name, given, decision, code, fenceBy) => {
    expect(reachVerdict(given, policy)).toMatchObject({ decision, code, fenceBy });
  });

  it('leaves a hung server without a shell to the shutdown script', () => {
    const hung = evidence({ misses: 4, port: 'silent', host: noShell });
    expect(reachVerdict(hung, { ...policy, hasShutdownScript: true })).toMatchObject({
      decision: 'dead',
      code: 'source-hung',
      fenceBy: 'shutdown-script',
    });
  });

  it('names every witness in its lines', () => {
    const { lines } = reachVerdict(evidence({ script: 'permits' }), policy);
    expect(lines.join('\n')).toContain('db2:3306: its receiver has lost the source');
    expect(lines).toContain('secondary_check_script: permits');
  });

  const sights = fc.constantFrom('speaks', 'silent', 'refused', 'no-answer', 'cannot-tell' as const);
  const anyTestimony = fc.record({
    replica: fc.constant(serverId('db2', 3306)),
    replication: fc.constantFrom('sees-it', 'lost-it', 'cannot-tell' as const),
    port: sights,
    answered: fc.boolean(),
    why: fc.constant(''),
  }) as fc.Arbitrary<Testimony>;
  const anyEvidence = fc.record({
    misses: fc.nat(6),
    lastMiss: fc.constant(''),
    port: fc.oneof(sights, fc.constant('pending')),
    host: fc.record({
      shell: fc.constantFrom('pending', 'open', 'unreachable'),
      process: fc.constantFrom('none', 'running', 'cannot-tell'),
      isUp: fc.boolean(),
      lines: fc.constant([]),
    }),
    replicas: fc.array(fc.option(anyTestimony, { nil: undefined }), { maxLength: 3 }),
    script: fc.constantFrom('not-configured', 'pending', 'permits', 'objects'),
  }) as fc.Arbitrary<Evidence>;

  it('never speaks of death while a witness hears the source, or the script has not permitted it', () => {
    fc.assert(
      fc.property(anyEvidence, fc.boolean(), (given, hasShutdownScript) => {
        const { decision, fenceBy } = reachVerdict(given, { missesForDeath: 4, hasShutdownScript });
        if (decision !== 'dead') return;
        expect(given.replicas.some((item) => item?.port === 'speaks')).toBe(false);
        expect(['not-configured', 'permits']).toContain(given.script);
        const proven = given.port === 'refused' && given.host.shell === 'open' && given.host.process === 'none';
        if (!proven) {
          expect(given.misses).toBeGreaterThanOrEqual(4);
          expect(given.replicas.every((item) => item !== undefined && item.replication !== 'sees-it')).toBe(true);
        }
        // Whoever accepts connections is fenced by somebody.
        const isUp = given.host.isUp === true && given.port === 'no-answer' && given.host.shell !== 'open';
        if (given.port === 'silent' || given.port === 'speaks' || isUp) expect(fenceBy).not.toBe('nobody');
      }),
      { numRuns: 2_000 },
    );
  });
});
