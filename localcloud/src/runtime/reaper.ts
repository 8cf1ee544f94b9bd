import { ChildProcess, spawn } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { basename } from "node:path";

/**
 * Reads `+ pid` and `- pid`; when this process is gone, however it went, its end of the pipe closes and
 * the shell kills what is left. `q` is the orderly end.
 */
const WATCHDOG = `trap "" INT TERM HUP
live=" "
while read -r op pid; do
  case "$op" in
    +) live="$live$pid " ;;
    -) live="\${live%% $pid *} \${live#* $pid }" ;;
    q) exit 0 ;;
  esac
done
[ -z "\${live# }" ] || kill -9 $live`;

export interface Reaper {
  close(): void;
}

/**
 * Makes sure that no workerd outlives this process, not even when it is killed with SIGKILL: workerd
 * does not notice the end of its parent. On Windows, which has no /bin/sh, it does nothing.
 */
export function startReaper(): Reaper {
  if (process.platform === "win32") return { close() {} };
  const watchdog = spawn("/bin/sh", ["-c", WATCHDOG], {
    // Its own process group: Ctrl-C in a terminal reaches the whole group.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.on("error", () => {});
  watchdog.stdin.on("error", () => {});
  watchdog.unref();

  const tell = (line: string): void => {
    watchdog.stdin.write(`${line}\n`);
  };
  // Node tells of every child process here; Miniflare does not say which ones it starts.
  const onChild = (message: unknown): void => {
    const child = childOf(message);
    if (child === null) return;
    child.once("spawn", () => {
      if (child.pid === undefined || basename(child.spawnfile) !== "workerd") return;
      tell(`+ ${child.pid}`);
      child.once("exit", () => tell(`- ${child.pid}`));
    });
  };
  subscribe("child_process", onChild);
  return {
    close() {
      unsubscribe("child_process", onChild);
      tell("q");
      watchdog.stdin.end();
    },
  };
}

function childOf(message: unknown): ChildProcess | null {
  if (typeof message !== "object" || message === null || !("process" in message)) return null;
  return message.process instanceof ChildProcess ? message.process : null;
}
