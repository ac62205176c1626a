/** What MHA 0.58 has, written down from its programs and manual pages: nothing of it may be missing on our page. */
const list = (names: string): readonly string[] => names.trim().split(/\s+/);

const monitor = `conf global_conf workdir manager_workdir log_output manager_log wait_on_monitor_error ignore_fail_on_start
  skip_ssh_check skip_check_ssh interactive`;
const failover = `new_master_host new_master_port last_failover_minute ignore_last_failover wait_on_failover_error
  remove_dead_master_conf remove_orig_master_conf skip_save_master_binlog skip_change_master skip_disable_read_only
  wait_until_gtid_in_sync ignore_binlog_server_error`;
const manager = `conf app status_dir workdir manager_workdir global_conf log_output manager_log all basedir baselog`;

export const mhaOptions: Readonly<Record<string, readonly string[]>> = {
  masterha_manager: list(`${monitor} ${failover} seconds_behind_master check_only check_repl_health monitor_only`),
  masterha_master_monitor: list(monitor),
  masterha_check_repl: list(`conf global_conf seconds_behind_master workdir skip_ssh_check ignore_fail_on_start
    wait_on_monitor_error`),
  masterha_check_ssh: list('conf global_conf'),
  masterha_check_status: list(`${manager} ping_limit`),
  masterha_stop: list(`${manager} abort abort_timeout`),
  'masterha_master_switch --master_state=dead': list(`master_state conf global_conf dead_master_host dead_master_ip
    dead_master_port ssh_reachable ${failover} workdir log_output interactive`),
  'masterha_master_switch --master_state=alive': list(`master_state conf global_conf new_master_host new_master_port
    interactive orig_master_is_new_slave running_updates_limit running_seconds_limit seconds_behind_master
    skip_lock_all_tables flush_tables remove_orig_master_conf remove_dead_master_conf check_only workdir`),
  masterha_conf_host: list('command conf block hostname params'),
  masterha_secondary_check: list(`secondary_host user port options master_host master_ip master_port master_user
    master_password ping_type timeout`),
  purge_relay_logs: list(`user password host port socket defaults_file workdir relay_log_info disable_relay_log_purge
    use_hardlink`),
};

export const mhaNodePrograms = list('save_binary_logs apply_diff_relay_logs filter_mysqlbinlog');

export const mhaParameters = list(`hostname ip port node_label ssh_host ssh_ip ssh_port ssh_user ssh_connection_timeout
  ssh_options user password repl_user repl_password disable_log_bin handle_raw_binlog master_pid_file master_binlog_dir
  remote_workdir manager_workdir manager_log log_level client_bindir client_libdir candidate_master no_master ignore_fail
  skip_init_ssh_check skip_reset_slave check_repl_delay check_repl_filter latest_priority multi_tier_slave use_gtid_auto_pos
  ping_interval ping_type secondary_check_script master_ip_failover_script master_ip_online_change_script shutdown_script
  report_script init_conf_load_script`);

export const mhaHookCalls = [
  'master_ip_failover_script --command=status',
  'master_ip_failover_script --command=stop',
  'master_ip_failover_script --command=stopssh',
  'master_ip_failover_script --command=start',
  'master_ip_online_change_script --command=stop',
  'master_ip_online_change_script --command=start',
  'shutdown_script --command=status',
  'shutdown_script --command=stop',
  'shutdown_script --command=stopssh',
  'report_script',
  'secondary_check_script',
  'init_conf_load_script',
];

/** Each call with each answer that MHA tells apart, as the words of our lines have it: every pair must be in one line. */
export const mhaHookAnswers: readonly (readonly [call: string, answers: readonly string[]])[] = [
  ['status', ['10', 'any other']],
  ['master_ip_failover_script stop', ['10', 'any other']],
  ['master_ip_failover_script start', ['10', 'any other']],
  ['master_ip_online_change_script stop', ['10', 'any other']],
  ['master_ip_online_change_script start', ['10', 'any other']],
  ['shutdown_script stop', ['0', '10', 'any other']],
  ['shutdown_script stopssh', ['0', '10', 'any other']],
  ['report_script', ['any other']],
  ['secondary_check_script', ['0', '2', '3', 'any other']],
  ['init_conf_load_script', ['any other']],
  ['any call', ['0']],
];

export const mhaExitCodes: Readonly<Record<string, readonly number[]>> = {
  masterha_manager: [0, 1, 10],
  masterha_master_monitor: [1, 20],
  masterha_check_repl: [0, 1],
  masterha_check_ssh: [0, 1],
  masterha_check_status: [0, 1, 2, 3, 10, 20, 21, 30, 31, 32, 50, 51],
  masterha_stop: [0, 1],
  'masterha_master_switch --master_state=dead': [0, 1, 10],
  'masterha_master_switch --master_state=alive': [0, 1, 10],
  masterha_conf_host: [0, 255],
  masterha_secondary_check: [0, 1, 2, 3],
  purge_relay_logs: [0, 1],
};
