/**
 * In the environment of each script that a manager runs, with the manager's pid. A script has a process group of its own, and the
 * system gives it another parent when the manager dies: without the mark nobody could tell whose it was.
 */
export const managerMark = 'MHA_TS_MANAGER';
