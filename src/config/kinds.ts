import { isIPv4 } from 'node:net';
import { Secret } from '../model/secret.js';
import type { NetworkAddress } from '../model/settings.js';

/** How the text of a value is read: what it must look like, in words, and its value or nothing. */
export interface Kind<T> {
  readonly shape: string;
  readonly parse: (text: string) => { readonly value: T } | undefined;
}

export const text: Kind<string> = { shape: 'text', parse: (written) => ({ value: written }) };

/** A shell command line. Empty is a value: it switches an inherited command off. */
export const command: Kind<string> = {
  shape: 'a command line; empty switches it off',
  parse: (written) => ({ value: written.trim() }),
};

export const filePath: Kind<string> = {
  shape: 'a path',
  parse: (written) => (written === '' || written.includes('\0') ? undefined : { value: written }),
};

/** Never begins with a dash: the name may become an argument of a program. */
export const host: Kind<string> = {
  shape: 'a host name or an IP address',
  parse: (written) => (/^[^\s\-'"/@,;$`\\][^\s'"/@,;$`\\]*$/.test(written) ? { value: written } : undefined),
};

/** An address with the length of its network, as `ip addr` takes it. The unspecified and loopback networks are no clients' address. */
export const networkAddress: Kind<NetworkAddress> = {
  shape: 'an IPv4 address with the length of its network, `10.0.0.100/24`',
  parse: (written) => {
    const [address = '', length = '', ...more] = written.split('/');
    const prefix = Number(length);
    const fits = /^\d{1,2}$/.test(length) && prefix >= 1 && prefix <= 32 && more.length === 0;
    return fits && isIPv4(address) && !/^(0|127)\./.test(address) ? { value: { address, prefix } } : undefined;
  },
};

/** What the kernel takes (dev_valid_name: at most 15 bytes) without what a shell or `ip` would read as something else. */
export const interfaceName: Kind<string> = {
  shape: 'the name of a network interface',
  parse: (written) => (/^[A-Za-z0-9][\w.-]{0,14}$/.test(written) ? { value: written } : undefined),
};

export const userName: Kind<string> = {
  shape: 'a user name',
  parse: (written) => (/^[^\s-]\S*$/.test(written) ? { value: written } : undefined),
};

export const secret: Kind<Secret> = { shape: 'text', parse: (written) => ({ value: new Secret(written) }) };

/** Perl's truth as MHA used it: 0 and the empty text are no, any other whole number is yes. */
export const flag: Kind<boolean> = {
  shape: '0 or 1',
  parse: (written) => (/^\d*$/.test(written) ? { value: Number(written) > 0 } : undefined),
};

export function integer(min: number, max: number): Kind<number> {
  return {
    shape: `a whole number from ${String(min)} to ${String(max)}`,
    parse: (written) => {
      const value = Number(written);
      return /^\d{1,12}$/.test(written) && value >= min && value <= max ? { value } : undefined;
    },
  };
}

/** One of some words, in any case. */
export function oneOf<const W extends string>(...words: readonly W[]): Kind<W> {
  return {
    shape: `one of ${words.join(', ')}`,
    parse: (written) => {
      const value = words.find((word) => word.toLowerCase() === written.toLowerCase());
      return value === undefined ? undefined : { value };
    },
  };
}

/** MHA removes every blank from this list before it splits it. */
export const directories: Kind<readonly string[]> = {
  shape: 'directories separated by commas',
  parse: (written) => {
    const value = written
      .replaceAll(/\s/g, '')
      .split(',')
      .filter((part) => part !== '');
    return value.length === 0 ? undefined : { value };
  },
};
