import { connect } from "node:net";

/** What came back over a bare TCP connection. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/**
 * Sends bytes as they are and reads until the server closes, or until `patience` ms have gone by. Pieces are sent
 * one after the other.
 */
export function sendRaw(
  port: number,
  pieces: readonly (string | Uint8Array)[],
  patience = 3000,
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      const [head = "", ...rest] = received.split("\r\n\r\n");
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
      resolve({ status, headers: head, body: rest.join("\r\n\r\n") });
    };
    const timer = setTimeout(finish, patience);
    socket.on("data", (data) => {
      received += data.toString("latin1");
    });
    socket.on("error", finish);
    socket.on("close", finish);
    socket.on("connect", () => {
      for (const piece of pieces) socket.write(piece);
    });
  });
}

/** A request as it goes over the wire, its connection closed afterwards. */
export function rawRequest(line: string, headers: readonly string[], body = ""): string {
  return `${[`${line} HTTP/1.1`, "host: app.example", "connection: close", ...headers].join("\r\n")}\r\n\r\n${body}`;
}
