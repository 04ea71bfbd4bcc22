export { latchkey } from "./auth.ts";
export { type ErrorCode, errorCodes, LatchkeyError, messageOf, type Refusal, statusOf } from "./errors.ts";
export type { Clock } from "./lib/clock.ts";
export type { MaybePromise } from "./lib/maybe-promise.ts";
export type {
  Auth,
  AuthApi,
  Authenticated,
  AuthResult,
  BearerTokens,
  CallContext,
  ClientOptions,
  ConnectionInfo,
  Credentials,
  DeviceSession,
  KeyAlgorithm,
  LatchkeyOptions,
  Loaded,
  Logger,
  PasswordHasher,
  PublicSession,
  PublicUser,
  RequestLike,
  Revoked,
  SessionData,
  SessionId,
  SessionView,
  SignedIn,
  SignedOut,
  SignInEmail,
  SignUpEmail,
  Store,
  StrategyName,
  Transport,
  UserView,
} from "./types.ts";
export { problemResponse } from "./write/problem.ts";
