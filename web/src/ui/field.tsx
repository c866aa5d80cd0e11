import { type ComponentProps, type ReactNode, useId } from "react";
import { cx } from "./cx.ts";

/**
 * The look of a text field; shared by inputs, selects and text areas. An empty field needs a strong edge to be
 * seen; one with text in it is seen by its text. `:placeholder-shown` wants a placeholder, if only a space.
 */
export const fieldClass =
  "block w-full rounded-btn border border-line-2 bg-surface px-2.5 placeholder-shown:border-control text-base text-ink outline-offset-1 placeholder:text-ink-3 disabled:border-line-2 disabled:bg-sunken disabled:text-ink-2 aria-invalid:border-fail coarse:text-[16px]";

interface Frame {
  label: string;
  /** Stays under the field, before any error. */
  help?: ReactNode;
  error?: string | null | undefined;
}

function Around({ id, label, help, error, children }: Frame & { id: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-small font-medium text-ink-2">
        {label}
      </label>
      {children}
      {help && (
        <p id={`${id}-help`} className="text-small text-ink-3">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-small font-medium text-fail">
          {error}
        </p>
      )}
    </div>
  );
}

function described(id: string, frame: Frame) {
  const ids = [frame.help ? `${id}-help` : "", frame.error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return { "aria-describedby": ids || undefined, "aria-invalid": frame.error ? true : undefined };
}

/** A labelled line of text. */
export function TextField({ label, help, error, className, ...rest }: Frame & ComponentProps<"input">) {
  const id = useId();
  return (
    <Around id={id} label={label} help={help} error={error}>
      <input
        id={id}
        placeholder=" "
        {...described(id, { label, help, error })}
        {...rest}
        className={cx(fieldClass, "h-8 coarse:h-11", className)}
      />
    </Around>
  );
}

/** A labelled text of several lines. */
export function TextArea({ label, help, error, className, ...rest }: Frame & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Around id={id} label={label} help={help} error={error}>
      <textarea
        id={id}
        placeholder=" "
        rows={3}
        {...described(id, { label, help, error })}
        {...rest}
        className={cx(fieldClass, "resize-y py-1.5", className)}
      />
    </Around>
  );
}

/** A labelled choice from a list; the system's own control, which every device handles well. */
export function SelectField({ label, help, error, className, ...rest }: Frame & ComponentProps<"select">) {
  const id = useId();
  return (
    <Around id={id} label={label} help={help} error={error}>
      <select
        id={id}
        {...described(id, { label, help, error })}
        {...rest}
        className={cx(fieldClass, "h-8 pr-1 coarse:h-11", className)}
      />
    </Around>
  );
}
