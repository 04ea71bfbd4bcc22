import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/**
 * Headers of every answer. Pages run no script at all, so the policy allows none; what a page may load is its own
 * style sheet and icon. The answer's own headers win.
 */
export function securityHeaders(baseURL: string): MiddlewareHandler {
  const https = baseURL.startsWith("https:");
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "data:"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // Our own pages must show where their forms come from; nobody else learns the address, with its query.
    referrerPolicy: "same-origin",
    xFrameOptions: "DENY",
    // Two years; without https a browser would ignore it, and on loopback it would lock other servers out.
    strictTransportSecurity: https ? "max-age=63072000; includeSubDomains" : false,
    permissionsPolicy: {
      accelerometer: [],
      camera: [],
      displayCapture: [],
      geolocation: [],
      gyroscope: [],
      microphone: [],
      payment: [],
      usb: [],
    },
    // For browsers that nobody has any more, or without effect on what we send.
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    overwrite: false,
  });
}
