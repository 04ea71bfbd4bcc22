import Link from "next/link";
import { auth } from "../../lib/auth";
import { signIn } from "../actions";
import { CredentialsForm } from "../credentials-form";

interface Props {
  readonly searchParams: Promise<{ error?: string; next?: string }>;
}

export default async function SignIn({ searchParams }: Props) {
  const { error, next } = await searchParams;
  const result = await auth();
  return (
    <main>
      <h1>Sign in</h1>
      {result.ok && <p>You are signed in already. Somebody else can sign in here instead.</p>}
      <CredentialsForm action={signIn} button="Sign in" error={error} next={next} />
      <p>
        <Link href="/sign-up">Create an account</Link>
      </p>
    </main>
  );
}
