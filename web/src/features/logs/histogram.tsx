/** Ten small bars from 0 to 1. The sentence beside it says the same for those who cannot see it. */
export function Histogram({
  bins,
  people,
  label,
}: {
  bins: readonly number[];
  people: boolean;
  label: string;
}) {
  const most = Math.max(1, ...bins);
  return (
    <svg role="img" aria-label={label} width="100" height="30" viewBox="0 0 100 30" className="flex-none">
      {bins.map((value, index) => {
        // A bar of one is still seen beside a bar of thousands.
        const height = value === 0 ? 1 : Math.max(3, Math.round((value / most) * 29));
        return (
          <rect
            key={index}
            x={index * 10}
            y={30 - height}
            width="8"
            height={height}
            rx="1"
            fill={value === 0 ? "var(--line-2)" : people ? "var(--s1)" : "var(--control)"}
          />
        );
      })}
    </svg>
  );
}
