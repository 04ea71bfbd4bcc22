import type { Auth } from "latchkey";
import { onTestFinished } from "vitest";
import { makeApi } from "../../../packages/server/src/http/api.ts";
import { takePort } from "../../../packages/server/src/run/door.ts";

/** Serves an application on a free port for the running test, by the server's own door. */
export async function serve(auth: Auth): Promise<{ readonly url: string; readonly port: number }> {
  const door = await takePort("127.0.0.1", 0);
  door.open(makeApi(auth, "/api/auth").fetch);
  onTestFinished(() => {
    door.server.close();
    door.server.closeAllConnections();
  });
  return { url: door.url, port: Number(new URL(door.url).port) };
}
