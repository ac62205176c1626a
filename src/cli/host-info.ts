import { type ClusterSettings, type ServerId, settingsOf } from '../model/settings.js';

/** A server as MHA names it in questions and subjects, which its users' scripts take apart: `db1(10.0.0.1:3306)`. */
export function hostInfo(settings: ClusterSettings, id: ServerId): string {
  const { hostname, address, port } = settingsOf(settings, id);
  return `${hostname}(${address}:${String(port)})`;
}
