import type { Context, MiddlewareHandler, Next } from "hono";
import type { GetConnInfo } from "hono/conninfo";
import type { Auth, Authenticated, CallContext } from "../types.ts";
import { answerResponse, fetchRequest, unreadRequest } from "./guard/fetch.ts";
import { asRenewed, makeGuard, type Verdict } from "./guard/guard.ts";
import type { AdapterOptions, Requirement } from "./guard/requirement.ts";
import { cookiesOf } from "./guard/signed-in.ts";
import { makeIsMounted } from "./guard/target.ts";
