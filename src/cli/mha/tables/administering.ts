import { flag, number, text } from '../option.js';
import { json, workdir } from './shared.js';

const place = [
  text(['conf'], 'FILE', 'the cluster’s configuration file [/usr/local/masterha/conf/APP.cnf with --app alone]'),
  text(['global_conf'], 'FILE', 'defaults for all clusters'),
  text(['app'], 'NAME', 'name of the cluster; with --status_dir no configuration is read'),
  { ...workdir, names: ['status_dir', 'manager_workdir', 'workdir'] as const },
  text(['log_output', 'manager_log'], 'FILE', 'the log that is named where somebody should look'),
  flag(['all'], 'every cluster that has a folder /service/masterha_NAME'),
  text(['basedir'], 'DIR', 'with --all: status files are in DIR/NAME'),
  text(['baselog'], 'DIR', 'with --all and --basedir: logs are DIR/NAME/NAME.log'),
];
const pingLimit = number(['ping_limit'], 'SECONDS', 'age from which a good status counts as old [10]');
const abort = flag(['abort'], 'end it even during a failover, and kill it when it does not end in time');
const abortTimeout = number(['abort_timeout'], 'SECONDS', 'how long to wait for its end [5]');

export const statusOptions = [...place, pingLimit, json];
export const statusUnused = [abort, abortTimeout];
export const stopOptions = [...place, abort, abortTimeout, json];
export const stopUnused = [pingLimit];

export const confHostOptions = [
  text(['command'], 'add|remove|delete', 'what to do; required'),
  text(['conf'], 'FILE', 'the file to change; required'),
  text(['block'], 'NAME', 'the block; "server" is put in front where it is missing [server_HOST]'),
  text(['hostname'], 'HOST', 'the new server; required for add'),
  text(['params'], '"KEY=VALUE;..."', 'more lines of the new block'),
];

export const secondaryCheckOptions = [
  { ...text(['secondary_host'], 'HOST', 'look from this host; may be given several times'), many: true } as const,
  text(['user'], 'USER', 'SSH account on it [root]'),
  text(['port'], 'PORT', 'SSH port of it [22]'),
  text(['options'], '"OPTIONS"', 'options of ssh'),
  text(['master_host'], 'HOST', 'the source; required'),
  text(['master_ip'], 'ADDRESS', 'its address'),
  number(['master_port'], 'PORT', 'its port [3306]'),
  text(['master_user'], 'USER', 'account for a write as a trial (ping_type=INSERT)'),
  text(['master_password'], 'PASSWORD', 'its password'),
  text(['ping_type'], 'TYPE', 'INSERT tries a write as well'),
  number(['timeout'], 'SECONDS', 'how long one connection may take [5]'),
];
