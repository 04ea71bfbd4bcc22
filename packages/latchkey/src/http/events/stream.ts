/** One open stream of server-sent events (HTML Living Standard, section 9.2). */
export interface EventStream {
  readonly body: ReadableStream<Uint8Array>;
  send(event: string, data: object): void;
  /** A line that shows both ends that the other one is there. */
  keepAlive(): void;
  end(): void;
}

/** So many messages may wait for whoever reads; who lets more pile up does not read at all. */
const patience = 64;

/** `onOver` is called once, however the stream ends: by us, or because nobody reads it any more. */
export function makeEventStream(reconnectAfter: number, onOver: () => void): EventStream {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  function over(): void {
    if (controller === undefined) return;
    controller = undefined;
    onOver();
  }

  function end(): void {
    controller?.close();
    over();
  }

  function write(text: string): void {
    if (controller === undefined) return;
    if ((controller.desiredSize ?? 0) <= 0) end();
    else controller.enqueue(encoder.encode(text));
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      cancel: over,
    },
    new CountQueuingStrategy({ highWaterMark: patience }),
  );
  write(`retry: ${reconnectAfter}\n\n`);
  return {
    body,
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    keepAlive: () => write(": here\n\n"),
    end,
  };
}
