import { randomToken } from "../../../../lib/crypto/random.ts";

/** What becomes of the text of a statement before it is sent. */
export interface Texts {
  /** The text with our tables in the schema that was asked for. */
  qualify(text: string): string;
  /** The same with the name under which a connection keeps it prepared; without one if names are no use. */
  prepare(text: string): { readonly text: string; readonly name?: string };
  /** A pooler between us and the server gives each transaction another connection, and names get lost on the way. */
  forgetNames(): void;
}

/** Without a schema the connection's own search path decides. */
export function makeTexts(schema: string | undefined): Texts {
  const known = new Map<string, { readonly text: string; readonly name?: string }>();
  let named = true;
  const prefix = schema === undefined ? undefined : `${quoteName(schema)}.`;
  const qualify = (text: string): string =>
    prefix === undefined ? text : text.replace(/"?\b(latchkey_\w+)\b"?/g, `${prefix}"$1"`);
  return {
    qualify,
    prepare: (text) => {
      let prepared = known.get(text);
      if (prepared === undefined) {
        const qualified = qualify(text);
        prepared = named ? { text: qualified, name: nameOf(qualified) } : { text: qualified };
        known.set(text, prepared);
      }
      return prepared;
    },
    forgetNames: () => {
      named = false;
      known.clear();
    },
  };
}

/** An identifier, whatever it is made of. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** One name for one text, in all stores of this process: they may share a pool. */
const names = new Map<string, string>();
let run: string | undefined;

function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    run ??= randomToken(6);
    name = `latchkey ${run} ${names.size}`;
    names.set(text, name);
  }
  return name;
}
