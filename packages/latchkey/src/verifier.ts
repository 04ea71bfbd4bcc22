/** For services that check the tokens of a server elsewhere. */
export { type ErrorCode, LatchkeyError, type Refusal } from "./errors.ts";
export type { CheckContext, RequestLike } from "./types.ts";
export type { VerifiedToken } from "./verifier/accept.ts";
export type { VerifierOptions } from "./verifier/options.ts";
export { createVerifier, type RemoteVerifier } from "./verifier/verifier.ts";
export { problemResponse } from "./write/problem.ts";
