/** What an operator wants left out of a failover. */
export interface FailoverWishes {
  /** False leaves what only the dead disk holds where it is: MHA's --skip_save_master_binlog. */
  readonly rescue: boolean;
  /** False brings the replicas level and leaves them with the settings they had: MHA's --skip_change_master. */
  readonly repoint: boolean;
  /** False leaves the new source read-only: MHA's --skip_disable_read_only. */
  readonly open: boolean;
  /** A replica that levels by GTID from the new source counts as recovered only when it has all of it. */
  readonly waitForGtid: boolean;
}

export const everything: FailoverWishes = { rescue: true, repoint: true, open: true, waitForGtid: true };
