import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** A file that pages refer to, read at start. */
export interface Asset {
  /** Where it is served. */
  readonly file: string;
  /** The same with a mark of its contents, so that browsers may keep it as long as they like. */
  readonly path: string;
  readonly type: string;
  readonly content: string;
}

/** The style sheet and the icon. */
export const assets: { readonly style: Asset; readonly icon: Asset } = {
  style: load("latchkey.css", "text/css; charset=utf-8"),
  icon: load("latchkey.svg", "image/svg+xml"),
};

function load(name: string, type: string): Asset {
  const content = readFileSync(new URL(`../assets/${name}`, import.meta.url), "utf8");
  const mark = createHash("sha256").update(content).digest("hex").slice(0, 12);
  return { file: `/assets/${name}`, path: `/assets/${name}?v=${mark}`, type, content };
}
