import { LatchkeyError } from "../../errors.ts";
import type { Store } from "../../types.ts";
import { makeCall } from "./calls.ts";
import { markLeases } from "./follower/link.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { unmarked } from "./statements/asked.ts";

/** The mark is made only where the first answer came within this time, and given up after that, in milliseconds. */
const limits = { answer: 1000, mark: 400 };

/**
 * Whoever asks for the leases sees to it that there is a mark beside them: "none" is the same after a crash as it was
 * before the first follower came, and leases may have been taken and lost in between (P17).
 */
export function withMark(
  readLeases: Store["readLeases"],
  name: string,
  { database }: Pick<Lifecycle, "database">,
): Store["readLeases"] {
  const call = makeCall(name, database);
  return async (position) => {
    const asked = performance.now();
    const found = await readLeases(position);
    if (isMarked(found)) return found;
    if (performance.now() - asked > limits.answer)
      throw new LatchkeyError("cannot_tell", `${name} answered too late to mark its leases`);
    await call("write", limits.mark, (client, { ground }) => markLeases(client, ground.texts));
    const again = await readLeases(position);
    if (isMarked(again)) return again;
    throw new LatchkeyError("cannot_tell", `${name} has just lost its leases, and once more`);
  };
}

function isMarked({ life }: Awaited<ReturnType<Store["readLeases"]>>): boolean {
  return life?.endsWith(`:${unmarked}`) === false;
}
