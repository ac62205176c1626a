import type { Hands } from './hand.js';
import { drainApplier } from './steps/applier.js';
import { attachOldSource } from './steps/attach-old-source.js';
import { catchUpByGtid } from './steps/catch-up-by-gtid.js';
import { comeNear } from './steps/come-near.js';
import { moveReceiver, receiveTarget, repointDelayed } from './steps/delayed.js';
import { drainTransactions } from './steps/drain-transactions.js';
import { hook } from './steps/hook.js';
import { pauseFollowing, resumeFollowing } from './steps/mutual.js';
import { closeForWrites, forgetSource, lookAgain, openForWrites, recordPosition } from './steps/promote.js';
import { keepRelayLogs, restoreRelayPurge, setAsideRelay } from './steps/relay-logs.js';
import { raiseAppliers, restoreAppliers } from './steps/raise-appliers.js';
import { reachTarget } from './steps/reach-target.js';
import { repoint } from './steps/repoint.js';
import { saveLaggardRange } from './steps/save-laggard-range.js';
import { saveRelay } from './steps/save-relay.js';
import { completeTail, saveEarlyTail, saveTail } from './steps/save-tail.js';
import { pointToRecovery, serve } from './steps/serve.js';
import { armSemiSync, settleSemiSync } from './steps/semi-sync.js';
import { stopWrites, unlockWrites } from './steps/stop-writes.js';
import { announceAddress, releaseAddress, takeAddress, verifyAddress } from './steps/writer-address.js';
import { stopReceiver, stopReplication } from './steps/threads.js';

/** Who does what: one hand for each kind of step. A kind without a hand does not compile. */
export const hands: Hands = {
  'keep-relay-logs': keepRelayLogs,
  'restore-relay-purge': restoreRelayPurge,
  'set-aside-relay': setAsideRelay,
  'close-for-writes': closeForWrites,
  'stop-receiver': stopReceiver,
  'drain-applier': drainApplier,
  'save-early-tail': saveEarlyTail,
  'save-tail': saveTail,
  'complete-tail': completeTail,
  'save-laggard-range': saveLaggardRange,
  'save-relay': saveRelay,
  serve,
  'raise-appliers': raiseAppliers,
  'restore-appliers': restoreAppliers,
  'point-to-recovery': pointToRecovery,
  'reach-target': reachTarget,
  'stop-replication': stopReplication,
  'record-position': recordPosition,
  'look-again': lookAgain,
  'open-for-writes': openForWrites,
  repoint,
  'catch-up-by-gtid': catchUpByGtid,
  'arm-semi-sync': armSemiSync,
  'settle-semi-sync': settleSemiSync,
  'receive-target': receiveTarget,
  'move-receiver': moveReceiver,
  'repoint-delayed': repointDelayed,
  'forget-source': forgetSource,
  hook,
  'release-address': releaseAddress,
  'take-address': takeAddress,
  'announce-address': announceAddress,
  'verify-address': verifyAddress,
  'drain-transactions': drainTransactions,
  'come-near': comeNear,
  'stop-writes': stopWrites,
  'attach-old-source': attachOldSource,
  'unlock-writes': unlockWrites,
  'pause-following': pauseFollowing,
  'resume-following': resumeFollowing,
};
