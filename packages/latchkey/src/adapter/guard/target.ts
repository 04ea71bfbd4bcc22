import { metadataPaths } from "../../http/oauth/paths.ts";

/** Says whether `auth.handler` answers what a request is aimed at. */
export type IsMounted = (target: string) => boolean;

/** The path of a target: what stands before query and fragment. */
export function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}

/**
 * `auth.handler` answers below the base path, and the metadata for other programs at the root (P40). Paths are compared
 * as they were written: another spelling is the application's, and the handler looks once more at what it is given.
 */
export function makeIsMounted(basePath: string): IsMounted {
  const below = `${basePath}/`;
  const exactly = [basePath, ...metadataPaths(basePath)];
  return (target) =>
    target.startsWith(below) || exactly.some((path) => target.startsWith(path) && pathOf(target) === path);
}
