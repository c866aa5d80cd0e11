/** The colour of a tag; its name stands beside it, so it is for the eye alone. */
export function TagDot({ color }: { color: string | null | undefined }) {
  return (
    <span
      aria-hidden="true"
      className="size-3 flex-none rounded-full border border-control"
      style={color ? { background: color, borderColor: color } : undefined}
    />
  );
}
