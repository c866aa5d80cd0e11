/** The mark of Concord: a list with a tick. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <span
      className="grid flex-none place-items-center bg-ink text-surface"
      style={{ width: size, height: size, borderRadius: Math.round(size * 0.28) }}
      aria-hidden="true"
    >
      <svg
        viewBox="0 0 16 16"
        width={size * 0.55}
        height={size * 0.55}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.9"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        <path d="M2 4h8M2 8h5M2 12h3" />
        <path d="m8.5 11.2 2.1 2.1L14.5 8" />
      </svg>
    </span>
  );
}
