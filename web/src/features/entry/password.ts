/** The shortest password the server accepts. Length is what protects; no rules about characters. */
export const SHORTEST_PASSWORD = 8;

/** What is wrong with a new password, or `null`. */
export function passwordProblem(password: string): string | null {
  if (password.length === 0) return "Choose a password.";
  const length = [...password].length;
  if (length < SHORTEST_PASSWORD) {
    return `The password has ${length} characters; it needs at least ${SHORTEST_PASSWORD}.`;
  }
  return null;
}
