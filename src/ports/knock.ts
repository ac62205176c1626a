import type { Duplex } from 'node:stream';

/**
 * What a database port shows to a TCP connection. A living server speaks first (its greeting, or an error packet);
 * a hung one is accepted by the kernel and stays `silent`. `refused`: the host itself says nobody listens.
 */
export type PortSight = 'speaks' | 'silent' | 'refused' | 'no-answer' | 'cannot-tell';

/** Takes over a connection on which a server has spoken first: what it said is still to be read from it. */
export type TakeLeave = (stream: Duplex) => void;

/** Tries the port from where we are. Never rejects. */
export type Knock = (address: string, port: number, deadlineMs: number) => Promise<PortSight>;
