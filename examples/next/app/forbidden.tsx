export default function Forbidden() {
  return (
    <main>
      <h1>Not allowed</h1>
      <p>You are signed in, but this is not for you.</p>
    </main>
  );
}
