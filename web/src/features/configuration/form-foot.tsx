import { Button } from "@/ui/button.tsx";

/** The end of a form in a dialog: what was wrong with it as a whole, and its buttons. */
export function FormFoot({
  error,
  busy,
  verb,
  onClose,
}: {
  error?: string | null;
  busy: boolean;
  verb: string;
  onClose: () => void;
}) {
  return (
    <>
      {error && (
        <p role="alert" className="text-small font-medium text-fail">
          {error}
        </p>
      )}
      <div className="mt-1 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" type="submit" busy={busy}>
          {verb}
        </Button>
      </div>
    </>
  );
}
