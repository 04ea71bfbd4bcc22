import type { z } from "zod";
import { type Refusal, refuse } from "../errors.ts";
import { isBearer } from "../read/credential.ts";
import type { Auth, Authenticated, CallContext, ConnectionInfo, Loaded } from "../types.ts";
import { problemResponse } from "../write/problem.ts";
import { type ReadBody, readBody, readQuery } from "./body.ts";
import type { HttpContext } from "./routes/context.ts";
import { emptyBody } from "./schemas.ts";

/** What administrators hold. */
const adminPermission = "admin:*";

export type { HttpContext };

/** What the OpenAPI document says of a route. */
export interface RouteDescription {
  readonly method: "get" | "post";
  readonly path: `/${string}`;
  readonly summary: string;
  /** Shape of the body of a POST, or of the parameters of a GET. */
  readonly body: z.ZodType;
  /** Shape of the successful answer. */
  readonly answer: z.ZodType;
  readonly status: 200 | 201;
  /** Whether the caller must be signed in. */
  readonly signedIn: boolean;
  /** True: it takes `?confirm=true`. */
  readonly confirms?: true;
  /** True: the body is a form, and errors are those of OAuth (RFC 6749, section 5.2). */
  readonly oauth?: true;
  /** True: the answer is a stream of server-sent events. */
  readonly events?: true;
}

/** One route, ready to be mounted. */
export interface Route extends RouteDescription {
  readonly respond: (context: HttpContext, request: Request, connection: ConnectionInfo) => Promise<Response>;
}

/** A request whose body has the right shape. */
export interface Call<Body> {
  readonly api: Auth["api"];
  readonly request: Request;
  /** Where it comes from and who calls, for the audit log. */
  readonly from: CallContext;
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
  /** True: with `?confirm=true` the answer waits until every verifier knows, and has a receipt. */
  readonly confirms?: true;
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

/** A POST of a program that says by itself who it is: cookies are neither read nor written. */
export function programPost<Body>(
  definition: Pick<Definition<Body, never>, "path" | "summary" | "body" | "answer"> & {
    readonly handle: (context: HttpContext, request: Request, body: Body) => Promise<Response>;
  },
): Route {
  const { path, summary, body, answer, handle } = definition;
  return {
    ...{ method: "post", path, summary, body, answer, status: 200, signedIn: false },
    async respond(context, request) {
      const read = await readBody(request, body);
      return read.ok ? handle(context, request, read.body) : problemResponse(read);
    },
  };
}

/** A POST anyone may make, but a page of another site. */
export function publicPost<Body>(definition: Definition<Body, Call<Body>>): Route {
  return {
    ...describePost(definition, false),
    async respond({ auth }, request, connection) {
      const refusal = definition.bearerAlone && isBearer(request) ? undefined : auth.checkOrigin(request);
      if (refusal !== undefined) return problemResponse(explained(refusal, request));
      const read = await readBody(request, definition.body);
      if (!read.ok) return problemResponse(read);
      const from = { request, remoteAddress: connection.remoteAddress };
      return definition.handle({ api: auth.api, request, from, body: read.body });
    },
  };
}

/** No browser sent it: whoever forgot a header, as with `curl -d`, is told which, and not of other sites alone. */
function explained(refusal: Refusal, { headers }: Request): Refusal {
  if (headers.has("origin") || headers.has("sec-fetch-site")) return refusal;
  return { ...refusal, detail: "A program that sends no Origin must send Content-Type: application/json." };
}

/** A POST for those who are signed in; anyone else learns nothing about the shape of the body. */
export function signedInPost<Body>(definition: Definition<Body, SignedInCall<Body>>): Route {
  return { ...describePost(definition, true), respond: respondTo(definition, readBody) };
}

/** A POST for administrators. */
export function adminPost<Body>(definition: Definition<Body, SignedInCall<Body>>): Route {
  const permission = adminPermission;
  return { ...describePost(definition, true), respond: respondTo({ ...definition, permission }, readBody) };
}

/** A GET for those who are signed in; its parameters come as the call's body. */
export function signedInGet<Query>(definition: Definition<Query, SignedInCall<Query>>): Route {
  return { ...describeGet(definition), respond: respondTo(definition, readQuery) };
}

/** A GET for administrators. */
export function adminGet<Query>(definition: Definition<Query, SignedInCall<Query>>): Route {
  const permission = adminPermission;
  return { ...describeGet(definition), respond: respondTo({ ...definition, permission }, readQuery) };
}

function respondTo<Body>(
  definition: Definition<Body, SignedInCall<Body>> & { readonly permission?: string },
  read: (request: Request, schema: z.ZodType<Body>) => Promise<ReadBody<Body>>,
): Route["respond"] {
  return async ({ auth, permits }, request, { remoteAddress }) => {
    const current = await auth.authenticate(request);
    if (!current.ok) return problemResponse(current);
    // The body comes as slowly as its sender likes: what counts is how things stand once it is there. Whoever may not
    // is not told what is wrong with it.
    const input = await read(request, definition.body);
    const loaded = await current.load();
    if (!loaded.ok) return problemResponse(loaded);
    const { permission } = definition;
    if (permission !== undefined && !permits(loaded.user.roles, permission)) {
      return problemResponse(refuse("forbidden"));
    }
    if (!input.ok) return problemResponse(input);
    const confirm = definition.confirms === true && wantsReceipt(request);
    const from = { request, remoteAddress, actor: current.user.id, confirm };
    return definition.handle({ api: auth.api, request, from, body: input.body, current, loaded });
  };
}

function wantsReceipt(request: Request): boolean {
  return new URL(request.url).searchParams.get("confirm") === "true";
}

function describePost<Body, CallOf>(
  definition: Definition<Body, CallOf>,
  signedIn: boolean,
): RouteDescription {
  const { path, summary, body, answer, status, confirms } = definition;
  const described = { method: "post", path, summary, body, answer, status: status ?? 200, signedIn } as const;
  return confirms === undefined ? described : { ...described, confirms };
}

function describeGet<Query, CallOf>({
  path,
  summary,
  body,
  answer,
}: Definition<Query, CallOf>): RouteDescription {
  return { method: "get", path, summary, body, answer, status: 200, signedIn: true };
}
