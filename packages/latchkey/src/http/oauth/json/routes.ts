import type { Route } from "../../route.ts";
import { changesRoute } from "./changes.ts";
import { exchangeRoute } from "./exchange.ts";

/** Of what is for other programs, what speaks JSON. */
export const jsonRoutes: readonly Route[] = [exchangeRoute, changesRoute];
