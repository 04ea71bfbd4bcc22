import type { Logger } from "../../../types.ts";
import { lateFor, toFault } from "../fault.ts";
import type { Connections } from "../pool/connections.ts";
import { quoteName, type Texts } from "../statements/text/texts.ts";
import { type Line, makeLine } from "./line.ts";
import { connectLink } from "./link.ts";
import { makeSpeaker } from "./speaker.ts";
import { hasMoved, type LogWait, makeLogWait } from "./wait.ts";

/** What following the log needs. */
export interface FollowOptions extends Connections {
  readonly name: string;
  readonly texts: Texts;
  readonly lineage: string;
  readonly logger: Logger | undefined;
}

/** The log as this process follows it, and tells others to. */
export interface LogFollower extends Pick<Line, "use">, Pick<LogWait, "wait"> {
  /** This process has committed an entry: its own readers look. Others hear of it from the server. */
  announce(): void;
  close(): void;
}

/** Nothing is connected before the log is first read. */
export function openFollower(options: FollowOptions): LogFollower {
  const { name, texts, lineage, logger, lending, breaker } = options;
  const channel = channelOf(lineage);
  const say = makeSpeaker(name, lending);
  const deaf = "notifications do not come through (a pooler in transaction mode?): the change log is polled";
  const onDeaf = (): void => logger?.warn({ database: name }, deaf);
  const line = makeLine({
    connect: (limit) => connectLink(limit, { ...options, channel, say, onWord: () => log.wake(), onDeaf }),
    late: (asked) => {
      breaker.late(asked);
      return lateFor(name);
    },
    answered: breaker.answered,
    toFault: (error) => toFault(name, error),
  });
  const log = makeLogWait({
    hears: line.hears,
    hasMoved: (page) => line.use((client) => hasMoved(client, texts, page)),
  });
  return {
    use: (work) => log.looking(() => line.use(work)),
    wait: log.wait,
    announce: log.wake,
    close: () => {
      line.drop();
      log.wake();
    },
  };
}

function channelOf(lineage: string): string {
  return `latchkey:${lineage}`;
}

/** The statement that tells all who follow the log of the database that it has something new. */
export function wordOf(lineage: string): string {
  return `notify ${quoteName(channelOf(lineage))}`;
}
