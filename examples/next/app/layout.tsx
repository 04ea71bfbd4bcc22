import Link from "next/link";
import type { ReactNode } from "react";

export const metadata = { title: "Latchkey and Next.js" };

/** Asks nobody who they are: what a layout asks, every page below it waits for, and fails with it. */
export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body style={{ fontFamily: "system-ui", maxWidth: "40rem", margin: "2rem auto", padding: "0 1rem" }}>
        <nav style={{ display: "flex", gap: "1rem" }}>
          <Link href="/">Home</Link>
          <Link href="/account">Account</Link>
          <Link href="/admin">Administration</Link>
        </nav>
        {children}
      </body>
    </html>
  );
}
