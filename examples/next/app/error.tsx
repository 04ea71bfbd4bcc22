"use client";

/** An outage ends here: nobody is signed out by it. */
export default function ErrorPage() {
  return (
    <main>
      <h1>Something went wrong</h1>
      <p>Try again in a moment. You are still signed in.</p>
    </main>
  );
}
