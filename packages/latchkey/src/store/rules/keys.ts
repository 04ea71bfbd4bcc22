import type { RotateKey, StoredKey } from "../../types.ts";

/** Whether nothing the key made is accepted any more. */
export function isRetired(key: Pick<StoredKey, "retiresAt">, now: number): boolean {
  return key.retiresAt !== null && key.retiresAt <= now;
}

/** When a new key signs, and when those that it replaces are accepted for the last time. */
export interface RotationTimes {
  readonly activatesAt: number;
  readonly retiresAt: number;
}

/**
 * A compromised key is not waited for: whatever it made is refused from this moment. Else it is accepted for as long as
 * any token of it may live: whoever rotates may make shorter ones than others do, or did until now (P8).
 */
export function timesOf(rotation: RotateKey, longestLife: number, now: number): RotationTimes {
  if (rotation.compromised) return { activatesAt: now, retiresAt: now };
  const activatesAt = now + rotation.activatesIn;
  return { activatesAt, retiresAt: activatesAt + Math.max(rotation.overlap, longestLife) };
}
