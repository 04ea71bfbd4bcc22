import type { LogReset } from "../../types.ts";
import { lineageOf, type Place } from "./position.ts";

/** Where an entry stands, and its mark. */
type Mark = Pick<Place, "n" | "tag">;

/** The log that is read. */
interface Log {
  readonly life: string;
  readonly lineage: string;
  /** The newest entry; 0: none yet. */
  readonly head: number;
}

/**
 * The place after which an answer begins, or why there is none. `first` is the oldest entry from the place asked for on;
 * null asks from the beginning.
 */
export function startOf(log: Log, place: Place | null, first: Mark | undefined): Mark | LogReset {
  if (place === null) return { n: (first?.n ?? log.head + 1) - 1, tag: "" };
  if (lineageOf(place) !== log.lineage) return "lost";
  const found = place.n === 0 ? beginning(place, first) : entryAt(place, first);
  return typeof found === "string" || place.life === log.life ? found : "moved";
}

/** The very beginning is a place as long as nothing was trimmed. */
function beginning(place: Place, first: Mark | undefined): Mark | LogReset {
  if (place.tag !== "") return "lost";
  return (first?.n ?? 1) === 1 ? { n: 0, tag: "" } : "trimmed";
}

/** Only by its mark an entry is recognised, and with it all that came before. */
function entryAt(place: Place, first: Mark | undefined): Mark | LogReset {
  if (first === undefined) return "lost";
  if (first.n > place.n) return "trimmed";
  return first.tag === place.tag ? first : "lost";
}
