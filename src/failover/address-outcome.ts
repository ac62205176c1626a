import { Fault } from '../model/fault.js';
import type { RunOutcome } from '../model/outcome.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import type { RunFacts } from './hand.js';
import type { StepFailure } from './plan-result.js';

interface AddressStory {
  readonly settings: ClusterSettings;
  readonly source: ServerId;
  readonly facts: RunFacts;
  readonly failures: readonly StepFailure[];
}

/** Where the writer's address is at the end of a run; undefined where the site moves it itself. */
export function addressOutcome({ settings, facts, failures }: AddressStory): RunOutcome['writerAddress'] {
  const { writerVip } = settings;
  const { addressAt, addressReleased, opened } = facts;
  const server = opened === undefined ? undefined : (addressAt ?? opened.server);
  if (writerVip === undefined) return undefined;
  return {
    address: writerVip.address,
    ...(server === undefined ? {} : { server }),
    ...(addressReleased === undefined ? {} : { oldHost: addressReleased }),
    verified: opened !== undefined && !failures.some(({ step }) => step.do === 'verify-address'),
  };
}

/** What only a person can still do about it. */
export function addressChores({ settings, source, facts, failures }: AddressStory): readonly string[] {
  const { writerVip } = settings;
  if (writerVip === undefined || facts.opened === undefined) return [];
  const known = settings.servers.find(({ id }) => id === source);
  const command = `ip addr del ${writerVip.address}/${String(writerVip.prefix)} dev ${known?.writerVipInterface ?? ''}`;
  const silent =
    facts.addressReleased === 'silent'
      ? [
          `when the host of ${source} comes back, take the writer's address from it before clients find it there: ${command}`,
        ]
      : [];
  const failed = failures.flatMap(({ step, error }) =>
    (step.do === 'verify-address' || step.do === 'announce-address') && error instanceof Fault ? [error.next] : [],
  );
  return [...silent, ...failed];
}

/** The source is new, but whoever comes by the address does not find it: not a success. */
export function missesClients({ failures }: AddressStory): boolean {
  return failures.some(({ step }) => step.do === 'verify-address');
}
