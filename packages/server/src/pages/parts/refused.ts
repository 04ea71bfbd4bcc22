import { html } from "hono/html";
import { messageOf, type Refusal, statusOf } from "latchkey";
import { wordsOf } from "../../forms/failure.ts";
import type { Page } from "../site.ts";

/** A page for a request that is refused as a whole: what happened, and the way back. */
export function refusedPage(refusal: Refusal): Page {
  const advice =
    refusal.code === "csrf_refused"
      ? "Open the page on this site and send the form from there."
      : "Go back and try again from there.";
  return messagePage(
    messageOf(refusal.code),
    `${refusal.detail ? `${wordsOf(refusal)} ` : ""}${advice}`,
    statusOf(refusal.code),
  );
}

/** There is nothing at this address. */
export function missingPage(): Page {
  return messagePage("There is nothing here", "Check the address, or start from your account.", 404);
}

/**
 * We cannot tell who this is: neither a sign-in form nor a sign-out. The cookie stays, and trying again helps.
 */
export function cannotTellPage(status: number): Page {
  const words = "Something we need does not answer. You are not signed out: try again in a moment.";
  return messagePage("We cannot tell right now", words, status);
}

/** Something broke on our side. */
export function brokenPage(): Page {
  return messagePage("Something went wrong on our side", "It was noted. Try again in a moment.", 500);
}

/** A heading, a sentence and a way on. */
function messagePage(heading: string, words: string, status: number): Page {
  const body = html`<h1>${heading}</h1>
<p>${words}</p>
<p class="aside"><a href="/account">To your account</a></p>`;
  return { title: heading, body, status };
}
