/**
 * What a database port shows to a TCP connection. A living server speaks first (its greeting, or an error packet);
 * a hung one is accepted by the kernel and stays `silent`. `refused`: the host itself says nobody listens.
 */
export type PortSight = 'speaks' | 'silent' | 'refused' | 'no-answer' | 'cannot-tell';

/** Tries the port from where we are. Never rejects. */
export type Knock = (address: string, port: number, deadlineMs: number) => Promise<PortSight>;
