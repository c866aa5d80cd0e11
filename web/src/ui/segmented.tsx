import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import type { ReactNode } from "react";

interface Props<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: ReactNode }[];
  disabled?: boolean;
}

/** One choice of a few, side by side; one tab stop, arrows inside. */
export function Segmented<T extends string>({ label, value, onChange, options, disabled = false }: Props<T>) {
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      disabled={disabled}
      onValueChange={(next) => onChange(next as T)}
      className="inline-flex gap-px rounded-[7px] bg-sunken p-0.5"
    >
      {options.map((option) => (
        <Radio.Root
          key={option.value}
          value={option.value}
          nativeButton
          render={<button type="button" />}
          className="inline-flex h-6 items-center gap-1.5 whitespace-nowrap rounded-chip px-2.5 text-small font-medium text-ink-2 data-checked:bg-surface data-checked:text-ink data-checked:shadow-[0_0_0_1px_var(--line),var(--shadow-1)] dark:data-checked:bg-hover dark:data-checked:shadow-[0_0_0_1px_var(--line-2)] data-disabled:opacity-55 coarse:h-9"
        >
          {option.label}
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
