import type { Keeper } from "../keep/keeper.ts";
import type { Machine } from "../session/machine.ts";
import { isDefinite } from "../session/verdict.ts";
import { now, sleep, unlessAborted } from "../time.ts";
import type { AuthClient, ClientRefusal } from "../types.ts";
import type { ClientSettings } from "./settings.ts";
import { parse, refusalOf } from "./wire.ts";

/** So often 429 and 503 are waited for, and each time at most so many seconds. */
const [mostWaits, longest] = [3, 30];

const idempotent = /^(GET|HEAD|OPTIONS|PUT|DELETE)$/i;

/** `fetch` with the credential, for origins that may have it. To all others nothing is added. */
export function makeFetch(settings: ClientSettings, keeper: Keeper, machine: Machine): AuthClient["fetch"] {
  async function send(
    { url, signal }: Sending,
    input: string | URL | Request,
    init: RequestInit,
  ): Promise<Response> {
    const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
    for (const [name, value] of Object.entries(keeper.headers()))
      if (!headers.has(name)) headers.set(name, value);
    const carried = settings.bearer ? {} : { credentials: init.credentials ?? "include" };
    try {
      return await settings.fetch(input instanceof Request ? input : url, { ...init, ...carried, headers });
    } catch (error) {
      if (!signal?.aborted) void machine.check();
      throw error;
    }
  }

  /** What to answer a 401 with; undefined: it is to be sent again. */
  async function after401(
    refusal: ClientRefusal,
    response: Response,
    sentAt: number,
    { signal, replayable }: Sending,
    times: number,
  ): Promise<Response | undefined> {
    if (times > 0) {
      if (isDefinite(refusal)) void machine.check();
      return response;
    }
    const again = await unlessAborted(machine.again(refusal, sentAt), signal);
    // Of whoever has given up meanwhile the platform says so, when it is sent again.
    if (again === true || again === undefined) return replayable ? undefined : response;
    return again && !isDefinite(again) ? cannotTell(again) : response;
  }

  /** The same for 429 and 503, once the time they name is over. */
  async function later(
    { retryAfter = longest + 1 }: ClientRefusal,
    response: Response,
    { signal, waits }: Sending,
    times: number,
  ): Promise<Response | undefined> {
    if (times >= waits || retryAfter > longest) return response;
    await sleep(retryAfter * 1000, signal);
    return undefined;
  }

  return async (input, init = {}) => {
    const sending = readSending(settings, input, init);
    if (!settings.origins.includes(sending.url.origin)) return settings.fetch(input, init);
    for (let [renewals, waits] = [0, 0]; ; ) {
      await unlessAborted(machine.ready(), sending.signal);
      const sentAt = now();
      const response = await send(sending, input, init);
      const refusal = await readRefusal(response);
      if (refusal === undefined) return response;
      const answer =
        refusal.status === 401
          ? await after401(refusal, response, sentAt, sending, renewals++)
          : await later(refusal, response, sending, waits++);
      if (answer) return answer;
    }
  };
}

/** What is to be sent. */
interface Sending {
  readonly url: URL;
  readonly replayable: boolean;
  /** How often it may be sent again later. */
  readonly waits: number;
  readonly signal: AbortSignal | null | undefined;
}

function readSending(settings: ClientSettings, input: string | URL | Request, init: RequestInit): Sending {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request?.url ?? String(input), base(settings));
  const method = init.method ?? request?.method ?? "GET";
  const replayable = canBeSentAgain(request, init.body, method);
  const signal = init.signal ?? request?.signal;
  return { url, replayable, waits: replayable && idempotent.test(method) ? mostWaits : 0, signal };
}

/** Of 401, 429 and 503: why. The answer itself stays unread, for whoever asked. */
async function readRefusal(response: Response): Promise<ClientRefusal | undefined> {
  const { status } = response;
  if (status !== 401) return status === 429 || status === 503 ? refusalOf(response, undefined) : undefined;
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return refusalOf(response, isJson ? parse(await response.clone().text()) : undefined);
}

/** That the credential could not be renewed says nothing about who is signed in: it must not look like a 401. */
function cannotTell({ status, code, retryAfter = 1 }: ClientRefusal): Response {
  if (status === 0) throw new TypeError("the credential was not renewed");
  const headers = { "content-type": "application/problem+json", "retry-after": `${retryAfter}` };
  return new Response(JSON.stringify({ status, code }), { status: status < 400 ? 502 : status, headers });
}

/** A stream is gone once it was sent, and of a `Request` nobody can tell what its body is. */
function canBeSentAgain(request: Request | undefined, body: RequestInit["body"], method: string): boolean {
  if (request !== undefined && body === undefined) return /^(GET|HEAD)$/i.test(method);
  return typeof body !== "object" || body === null || !("getReader" in body || Symbol.asyncIterator in body);
}

function base({ origin }: ClientSettings): string {
  return globalThis.document?.baseURI ?? origin;
}
