import type { Script } from "../../lua/piece.ts";
import { endEverything, endOtherSessions, endSession, endSessions } from "./end.ts";
import { recordExchange } from "./exchange.ts";
import { openSession } from "./open.ts";
import { purgeSessions } from "./purge.ts";
import { listSessions, readSession } from "./read.ts";
import { refreshSession } from "./refresh.ts";
import { touchSession, updateSession } from "./write.ts";

type Name =
  | "read"
  | "list"
  | "touch"
  | "update"
  | "open"
  | "refresh"
  | "end"
  | "endOfUser"
  | "endOthers"
  | "endAll"
  | "exchange"
  | "purge";

/** The scripts of sessions, one for each method. */
export const sessionScripts: { readonly [It in Name]: Script } = {
  read: readSession,
  list: listSessions,
  touch: touchSession,
  update: updateSession,
  open: openSession,
  refresh: refreshSession,
  end: endSession,
  endOfUser: endSessions,
  endOthers: endOtherSessions,
  endAll: endEverything,
  exchange: recordExchange,
  purge: purgeSessions,
};
