/** What lies between two empty lines of a stream (HTML Living Standard, section 9.2), as far as our server uses it. */
const message = /^event: (.*)\ndata: (.*)$/m;

/** The server says every 15 seconds that it is there. Who is silent for longer is gone, though nobody said so. */
const silence = 40_000;

/** Reads a stream of server-sent events until it ends. Throws where the connection breaks. */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvent: (event: string, data: unknown) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const timer = setTimeout(() => void reader.cancel().catch(() => undefined), silence);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const [, event, data] = message.exec(part) ?? [];
      if (event !== undefined && data !== undefined) onEvent(event, JSON.parse(data));
    }
  }
}
