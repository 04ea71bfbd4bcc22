import pg from "pg";

/** Called with the text of every statement before it is sent. */
export type Hook = (text: string) => unknown;

/** A pool whose every statement is seen, and held up or made to fail, before it is sent. */
export function hookedPool(url: string, hook: Hook): pg.Pool {
  class Hooked extends pg.Client {
    // It is called with one argument and awaited; the other ways of calling are not needed.
    override query = (async (query: string | { readonly text: string }) => {
      await hook(typeof query === "string" ? query : query.text);
      return super.query(query);
    }) as pg.Client["query"];
  }
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 5000, Client: Hooked });
  return pool;
}

/** An error as the server would send it. */
export function serverError(code: string): Error {
  return Object.assign(new Error(`made up, ${code}`), { severity: "ERROR", code });
}
