import Link from "next/link";
import { signUp } from "../actions";
import { CredentialsForm } from "../credentials-form";

interface Props {
  readonly searchParams: Promise<{ error?: string; next?: string }>;
}

export default async function SignUp({ searchParams }: Props) {
  const { error, next } = await searchParams;
  return (
    <main>
      <h1>Create account</h1>
      <CredentialsForm action={signUp} button="Create account" error={error} next={next} />
      <p>
        <Link href="/sign-in">Sign in instead</Link>
      </p>
    </main>
  );
}
