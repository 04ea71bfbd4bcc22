import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** A disk of a server's own, which can be full. */
export interface SmallDisk {
  /** Nothing more fits on it. */
  fill(): void;
  /** There is room again. */
  free(): void;
  /** What is on it is gone. */
  remove(): void;
}

/** What it can hold, in MB. Only what is used takes memory. */
const size = 1024;
/** What a disk that is full still takes, in KB. */
const rest = 64;

/**
 * Puts what is in a folder on a file system of its own in memory, mounted there. Its server must have ended. Undefined:
 * this takes Linux and its superuser.
 */
export function makeSmallDisk(folder: string): SmallDisk | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(folder);
  const aside = mkdtempSync(join(dirname(folder), "latchkey-chaos-aside-"));
  const kept = join(aside, "kept");
  renameSync(folder, kept);
  run("mkdir", folder);
  const owner = `uid=${uid},gid=${gid},mode=700`;
  const isMounted = mount("-t", "tmpfs", "-o", `size=${size}m,${owner}`, "tmpfs", folder);
  for (const name of readdirSync(kept)) run("cp", "-a", join(kept, name), folder);
  rmSync(aside, { recursive: true, force: true });
  if (!isMounted) {
    run("chown", `${uid}:${gid}`, folder);
    return undefined;
  }
  const unmount = (): void => void spawnSync("umount", ["-l", folder]);
  process.on("exit", unmount);
  return {
    fill() {
      const { blocks, bfree, bsize } = statfsSync(folder);
      const used = ((blocks - bfree) * bsize) / 1024;
      // What is written meanwhile may make it too small; then with more.
      for (let more = rest; !mount("-o", `remount,size=${used + more}k`, folder); more *= 2)
        if (more > 1024 * size) throw new Error("the disk cannot be made smaller");
    },
    free() {
      if (!mount("-o", `remount,size=${size}m`, folder)) throw new Error("the disk cannot be made larger");
    },
    remove() {
      unmount();
      process.off("exit", unmount);
    },
  };
}

function mount(...args: string[]): boolean {
  return spawnSync("mount", args).status === 0;
}

function run(program: string, ...args: string[]): void {
  const result = spawnSync(program, args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${program} failed: ${result.stderr}`);
}
