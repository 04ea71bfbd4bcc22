import * as example from "./example-auth";
import * as scenario from "./scenario-auth";

const chosen = process.env.STRATEGY === undefined ? example : scenario;

export const { auth, requireAuth, callFrom, withAuth, handlers, proxy, latch } = chosen;
export const { authProxy } = scenario;
