export default function Home() {
  return (
    <main>
      <h1>Latchkey and Next.js</h1>
      <p>This page is for everybody. Your account is for you, the administration for administrators.</p>
    </main>
  );
}
