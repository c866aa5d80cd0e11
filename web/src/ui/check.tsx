import { type ReactNode, useId } from "react";

/** A box that is ticked or not, with its label and what it means. */
export function Check({
  label,
  help,
  checked,
  onChange,
  disabled = false,
}: {
  label: ReactNode;
  help?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-[3px] size-3.5 flex-none accent-accent coarse:size-5"
      />
      <div className="min-w-0 flex-1">
        <label htmlFor={id} className="block font-medium">
          {label}
        </label>
        {help && (
          <p id={`${id}-help`} className="text-small text-ink-3">
            {help}
          </p>
        )}
      </div>
    </div>
  );
}
