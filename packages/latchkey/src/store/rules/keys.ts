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

/** A compromised key is not waited for: whatever it made is refused from this moment. */
export function timesOf(rotation: RotateKey, now: number): RotationTimes {
  if (rotation.compromised) return { activatesAt: now, retiresAt: now };
  const activatesAt = now + rotation.activatesIn;
  return { activatesAt, retiresAt: activatesAt + rotation.overlap };
}
