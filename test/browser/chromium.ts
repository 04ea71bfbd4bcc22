import { accessSync, constants, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome"];
const pictures = fileURLToPath(new URL("screenshots/", import.meta.url));

/** Starts the machine's own Chromium with an empty profile and without its own traffic. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Keeps a picture for people to look at. */
export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/** What the browser says about our content security policy; must stay empty. */
export function watchPolicy(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text());
  });
  return complaints;
}

function findChromium(): string {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"];
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = [process.env.LATCHKEY_CHROMIUM ?? "", ...candidates].find(isExecutable);
  if (found === undefined) throw new Error("no Chromium in PATH: install it, or set LATCHKEY_CHROMIUM");
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return path !== "";
  } catch {
    return false;
  }
}
