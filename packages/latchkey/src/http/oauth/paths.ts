import { getPath } from "hono/utils/url";

/** Where the metadata stands below the base path. */
export const metadataPath = "/.well-known/oauth-authorization-server";

/**
 * Where clients look for the metadata at the root: between host and path of the issuer (RFC 8414, section 3.1), and some
 * without the path. `auth.handler` answers there too, if these paths are given to it.
 */
export function metadataPaths(basePath: string): readonly string[] {
  return [metadataPath + basePath, metadataPath];
}

/** The path by which a request finds its route: the metadata's own, also where it is asked for at the root. */
export function pathReader(basePath: string): (request: Request) => string {
  const atRoot = new Set(metadataPaths(basePath));
  return (request) => {
    const path = getPath(request);
    return atRoot.has(path) ? basePath + metadataPath : path;
  };
}
