/** What a node is told when it is started, as JSON in `CHAOS_NODE`. */
export interface NodeSettings {
  readonly subject: SubjectName;
  readonly build: BuildName;
  readonly store: StoreName;
  /** Where this node reaches the store: through a proxy of its own, if there is one. */
  readonly address: string;
  /** Where a broken build does what it does beside the library. */
  readonly directAddress: string;
  readonly name: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly maxStaleness: number;
  readonly accessExpiresIn: number;
  readonly grace: number;
  /** By how many milliseconds its wall clock is ahead of the machine's when it starts. */
  readonly ahead: number;
}

/** What a running node may be told. */
export interface Told {
  /** As above, from now on. */
  readonly ahead: number;
}

export type SubjectName = "latchkey" | "express-session";
export type BuildName = "healthy" | "no-cas" | "pubsub-only";
export type StoreName = "postgres" | "redis" | "sqlite";

export const subjectNames: readonly SubjectName[] = ["latchkey", "express-session"];
export const buildNames: readonly BuildName[] = ["healthy", "no-cas", "pubsub-only"];
export const storeNames: readonly StoreName[] = ["postgres", "redis", "sqlite"];

/** Passwords that begin so are hashed as in earnest; with all others hashing is not what is tried. */
export const hashed = "hashed";

/** Every account of a run has passwords of this kind; the administrator has the first. */
export function passwordOf(version: number): string {
  return `correct horse battery staple ${version}`;
}

export const administrator = "root@example.com";

/** A node says where it listens. */
export interface Listening {
  readonly port: number;
}
