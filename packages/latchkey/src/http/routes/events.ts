import { z } from "zod";
import { refuse } from "../../errors.ts";
import type { Authenticated } from "../../types.ts";
import { problemResponse } from "../../write/problem.ts";
import type { EventStream } from "../events/stream.ts";
import type { HttpContext, Route } from "../route.ts";
import { emptyBody } from "../schemas.ts";
import { showLoaded } from "../view.ts";

const headers = {
  "content-type": "text/event-stream",
  // Whatever compresses answers on their way would keep the events back until there is enough of them.
  "cache-control": "no-store, no-transform",
  // So would nginx, and those who took over its header.
  "x-accel-buffering": "no",
};

/** The stream of what happens to one's session. */
export const eventsRoute: Route = {
  method: "get",
  path: "/events",
  summary: "Server-sent events: the session, new roles, its end",
  body: emptyBody,
  answer: z.string().meta({
    description:
      "Event `session` at the beginning, with what /get-session answers; `roles` with `{roles, permissions}` when " +
      "they change; `ended` with `{code}` when the session ends, and then the stream does.",
  }),
  events: true,
  status: 200,
  signedIn: true,
  respond,
};

async function respond(context: HttpContext, request: Request): Promise<Response> {
  const { auth, streams } = context;
  if (streams === null) return problemResponse(refuse("not_found"));
  const current = await auth.authenticate(request);
  if (!current.ok) return problemResponse(current);
  // Nobody would ever read the stream or leave it; nor will whoever left while they were looked up.
  if (request.method === "HEAD" || request.signal.aborted) return new Response(null, { headers });
  let stop = (): void => undefined;
  const opened = streams.open(current.user.id, () => stop());
  if (!opened.ok) return problemResponse(opened);
  const { stream } = opened;
  request.signal.addEventListener("abort", stream.end);
  try {
    // Watched before it is looked at: what happens in between is told.
    stop = watch(context, current, stream);
    const loaded = await current.load();
    if (loaded.ok) {
      stream.send("session", showLoaded(loaded));
      return new Response(stream.body, { headers });
    }
    stream.end();
    return problemResponse(loaded);
  } catch (error) {
    stream.end();
    throw error;
  }
}

function watch({ auth, permitted }: HttpContext, current: Authenticated, stream: EventStream): () => void {
  return auth.watch(current, {
    onEnd({ code }) {
      stream.send("ended", { code });
      stream.end();
    },
    onChange: ({ user: { roles } }) => stream.send("roles", { roles, permissions: permitted(roles) }),
  });
}
