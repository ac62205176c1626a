import type { Channel } from '../../../src/model/picture.js';
import { channelFrom } from '../../support/picture.js';

/** A replica's channel to db1 that is at work. */
export function channel(over: Partial<Channel> = {}): Channel {
  const place = { file: 'bin.000001', position: 500 };
  return channelFrom('db1', { sourceServerId: 1, applierState: '', received: place, executed: place, ...over });
}
