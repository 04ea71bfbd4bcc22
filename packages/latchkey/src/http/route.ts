import type { z } from "zod";
import type { Refusal } from "../errors.ts";
import { isBearer } from "../read/credential.ts";
import type { Auth, Authenticated, ConnectionInfo, Loaded } from "../types.ts";
import { problemResponse } from "../write/problem.ts";
import { readBody } from "./body.ts";
import { emptyBody } from "./schemas.ts";

/** What the routes are built on: the public API and the public keys. */
export interface HttpContext {
  readonly auth: Omit<Auth, "handler">;
  /** The JWK set. */
  readonly jwks: () => Promise<object>;
  /** Rejects if the store does not answer. */
  readonly ready: () => Promise<unknown>;
}

/** What the OpenAPI document says of a route. */
export interface RouteDescription {
  readonly method: "get" | "post";
  readonly path: `/${string}`;
  readonly summary: string;
  /** Shape of the body of a POST; a GET has none. */
  readonly body: z.ZodType;
  /** Shape of the successful answer. */
  readonly answer: z.ZodType;
  readonly status: 200 | 201;
  /** Whether the caller must be signed in. */
  readonly signedIn: boolean;
}

/** One route, ready to be mounted. */
export interface Route extends RouteDescription {
  readonly respond: (context: HttpContext, request: Request, connection: ConnectionInfo) => Promise<Response>;
}

/** A request whose body has the right shape. */
export interface Call<Body> {
  readonly api: Auth["api"];
  readonly request: Request;
  readonly connection: ConnectionInfo;
  readonly body: Body;
}

/** A call by someone who is signed in, by the store's word and not the credential's alone. */
export interface SignedInCall<Body> extends Call<Body> {
  readonly current: Authenticated;
  readonly loaded: Loaded;
}

interface Definition<Body, CallOf> {
  readonly path: `/${string}`;
  readonly summary: string;
  readonly body: z.ZodType<Body>;
  readonly answer: z.ZodType;
  readonly status?: 201;
  /** True: a Bearer header is judged alone, and where the request comes from does not matter then. */
  readonly bearerAlone?: true;
  readonly handle: (call: CallOf) => Promise<Response>;
}

/** A GET that answers without asking who calls. */
export function publicGet(
  path: `/${string}`,
  summary: string,
  answer: z.ZodType,
  handle: (context: HttpContext, request: Request) => Promise<Response>,
): Route {
  return {
    method: "get",
    path,
    summary,
    body: emptyBody,
    answer,
    status: 200,
    signedIn: false,
    respond: handle,
  };
}

/** A POST anyone may make, but a page of another site. */
export function publicPost<Body>(definition: Definition<Body, Call<Body>>): Route {
  return {
    ...describePost(definition, false),
    async respond({ auth }, request, connection) {
      const refusal = definition.bearerAlone && isBearer(request) ? undefined : auth.checkOrigin(request);
      if (refusal !== undefined) return problemResponse(refusal);
      const read = await readBody(request, definition.body);
      if (!read.ok) return problemResponse(read);
      return definition.handle({ api: auth.api, request, connection, body: read.body });
    },
  };
}

/** A POST for those who are signed in; anyone else learns nothing about the shape of the body. */
export function signedInPost<Body>(definition: Definition<Body, SignedInCall<Body>>): Route {
  return {
    ...describePost(definition, true),
    async respond({ auth }, request, connection) {
      const caller = await findCaller(auth, request);
      if (!caller.ok) return problemResponse(caller);
      const read = await readBody(request, definition.body);
      if (!read.ok) return problemResponse(read);
      const { current, loaded } = caller;
      return definition.handle({ api: auth.api, request, connection, body: read.body, current, loaded });
    },
  };
}

/** A GET for those who are signed in. */
export function signedInGet(
  path: `/${string}`,
  summary: string,
  answer: z.ZodType,
  handle: (call: Omit<SignedInCall<undefined>, "body">) => Promise<Response>,
): Route {
  return {
    method: "get",
    path,
    summary,
    body: emptyBody,
    answer,
    status: 200,
    signedIn: true,
    async respond({ auth }, request, connection) {
      const caller = await findCaller(auth, request);
      if (!caller.ok) return problemResponse(caller);
      const { current, loaded } = caller;
      return handle({ api: auth.api, request, connection, current, loaded });
    },
  };
}

interface Caller {
  readonly ok: true;
  readonly current: Authenticated;
  readonly loaded: Loaded;
}

/** The caller by the store's word: a token that nobody can take back ends here too. */
async function findCaller(auth: HttpContext["auth"], request: Request): Promise<Caller | Refusal> {
  const current = await auth.authenticate(request);
  if (!current.ok) return current;
  const loaded = await current.load();
  return loaded.ok ? { ok: true, current, loaded } : loaded;
}

function describePost<Body, CallOf>(
  definition: Definition<Body, CallOf>,
  signedIn: boolean,
): RouteDescription {
  const { path, summary, body, answer, status } = definition;
  return { method: "post", path, summary, body, answer, status: status ?? 200, signedIn };
}
