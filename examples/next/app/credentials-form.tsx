import { type ErrorCode, errorCodes, messageOf } from "latchkey";

interface Props {
  readonly action: (form: FormData) => Promise<void>;
  readonly button: string;
  readonly error: string | undefined;
  readonly next?: string | undefined;
}

/** Works without JavaScript: Next makes a plain form of it. */
export function CredentialsForm({ action, button, error, next }: Props) {
  return (
    <form action={action} style={{ display: "grid", gap: "0.5rem", maxWidth: "20rem" }}>
      {isCode(error) && <p role="alert">{messageOf(error)}</p>}
      <input type="hidden" name="next" value={next ?? ""} />
      <label>
        E-mail address <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" required />
      </label>
      <button type="submit">{button}</button>
    </form>
  );
}

/** What stands in the address is anybody's to choose. */
function isCode(text: string | undefined): text is ErrorCode {
  return errorCodes.some((code) => code === text);
}
