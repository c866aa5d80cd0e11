import { Check, ChevronDown, Lock, Pencil, Save, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { problemText } from "@/api/problem.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/cx.ts";
import { CommandKbd } from "@/ui/kbd.tsx";
import { Popover } from "@/ui/popover.tsx";
import { toast } from "@/ui/toasts.tsx";
import { SaveDialog } from "./save-dialog.tsx";
import type { ViewsState } from "./use-views.ts";
import type { View } from "./views.ts";

type Asking = { kind: "new" } | { kind: "rename"; view: View } | null;

interface Props {
  state: ViewsState;
  /** May save views of their own. */
  mayCreate: boolean;
  mayEdit: (view: View) => boolean;
}

/** Which view the list is in, beside its title; what was changed in it can be saved or taken back. */
export function ViewSwitcher({ state, mayCreate, mayEdit }: Props) {
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState<Asking>(null);
  const list = useRef<HTMLUListElement>(null);
  useCommand("logs.view", () => setOpen(true));
  const { shown } = state;
  if (!shown) return null;
  const { view, changed } = shown;
  const attempt = (work: Promise<void>, done: string) =>
    work.then(
      () => toast({ title: done, seconds: 3 }),
      (error: unknown) =>
        toast({ title: "The view was not changed", body: problemText(error), tone: "fail" }),
    );
  const remove = (gone: View) => {
    setOpen(false);
    void state.remove(gone).then(
      () =>
        toast({
          title: `View ${gone.name} deleted`,
          action: { label: "Undo", run: () => void attempt(state.restore(gone), "The view is back") },
        }),
      (error: unknown) =>
        toast({ title: "The view was not deleted", body: problemText(error), tone: "fail" }),
    );
  };
  const move = (step: number) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>("[data-view]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + step + items.length) % items.length]?.focus();
  };
  const groups: [string, readonly View[]][] = [
    ["Built in", state.views.filter((one) => !one.saved)],
    ["Shared", state.views.filter((one) => one.saved && !one.saved.options?.personal)],
    ["Only me", state.views.filter((one) => one.saved?.options?.personal)],
  ];
  return (
    <>
      <Popover
        label="Views"
        width={264}
        open={open}
        onOpenChange={setOpen}
        trigger={
          <Button kind="ghost" command="logs.view" className="min-w-0! shrink">
            <span className="max-w-40 truncate">{view.name}</span>
            {changed && <span className="font-normal text-ink-3 max-sm:sr-only">changed</span>}
            <ChevronDown className="icon size-3! text-ink-3" aria-hidden="true" />
          </Button>
        }
      >
        <ul
          ref={list}
          aria-label="Views"
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            move(step);
          }}
        >
          {groups.map(
            ([title, views]) =>
              views.length > 0 && (
                <li key={title}>
                  <h2 className="px-2 pt-1.5 pb-1 text-micro font-medium text-ink-3">{title}</h2>
                  <ul aria-label={title}>
                    {views.map((one) => (
                      <Entry
                        key={one.id}
                        view={one}
                        current={one.id === view.id}
                        mayEdit={one.saved !== null && mayEdit(one)}
                        onChoose={() => {
                          setOpen(false);
                          state.choose(one.id);
                        }}
                        onRename={() => {
                          setOpen(false);
                          setAsking({ kind: "rename", view: one });
                        }}
                        onRemove={() => remove(one)}
                      />
                    ))}
                  </ul>
                </li>
              ),
          )}
        </ul>
        {mayCreate && (
          <div className="mt-1 border-t border-line pt-1">
            <Button
              kind="ghost"
              className="w-full justify-start!"
              icon={<Save className="icon" aria-hidden="true" />}
              onClick={() => {
                setOpen(false);
                setAsking({ kind: "new" });
              }}
            >
              Save as a new view
            </Button>
          </div>
        )}
      </Popover>
      {changed && (
        <span className="flex flex-none items-center">
          {view.saved && mayEdit(view) ? (
            <Button
              kind="ghost"
              onClick={() => void attempt(state.save(), "View saved")}
              className="text-accent-ink!"
            >
              Save
            </Button>
          ) : mayCreate ? (
            <Button kind="ghost" onClick={() => setAsking({ kind: "new" })} className="text-accent-ink!">
              Save as
            </Button>
          ) : null}
          <Button kind="ghost" onClick={state.reset}>
            Reset
          </Button>
        </span>
      )}
      {asking && (
        <SaveDialog
          title={asking.kind === "new" ? "Save as a new view" : "Rename the view"}
          action={asking.kind === "new" ? "Save" : "Rename"}
          name={asking.kind === "new" ? "" : asking.view.name}
          personal={asking.kind === "rename" && asking.view.saved?.options?.personal === true}
          onSave={(name, personal) =>
            asking.kind === "new" ? state.saveAs(name, personal) : state.rename(asking.view, name, personal)
          }
          onClose={() => setAsking(null)}
        />
      )}
    </>
  );
}

interface EntryProps {
  view: View;
  current: boolean;
  mayEdit: boolean;
  onChoose: () => void;
  onRename: () => void;
  onRemove: () => void;
}

function Entry({ view, current, mayEdit, onChoose, onRename, onRemove }: EntryProps) {
  const small =
    "grid size-7 flex-none place-items-center rounded-chip text-ink-3 hover:bg-surface hover:text-ink";
  return (
    <li className="group/view flex items-center rounded-chip hover:bg-hover focus-within:bg-hover">
      <button
        type="button"
        data-view
        aria-current={current || undefined}
        onClick={onChoose}
        className="flex min-h-7 min-w-0 flex-1 items-center gap-2 px-2 text-left outline-offset-[-2px] coarse:min-h-11"
      >
        <Check className={cx("icon text-accent-ink", !current && "invisible")} aria-hidden="true" />
        <span className="min-w-0 flex-1 truncate">{view.name}</span>
        {view.saved?.options?.personal && <Lock className="icon size-3! text-ink-3" aria-hidden="true" />}
        {current && <CommandKbd id="logs.view" />}
      </button>
      {mayEdit && (
        <span className="flex opacity-0 group-focus-within/view:opacity-100 group-hover/view:opacity-100 coarse:opacity-100">
          <button type="button" aria-label={`Rename ${view.name}`} onClick={onRename} className={small}>
            <Pencil className="icon size-3!" aria-hidden="true" />
          </button>
          <button type="button" aria-label={`Delete ${view.name}`} onClick={onRemove} className={small}>
            <Trash2 className="icon size-3!" aria-hidden="true" />
          </button>
        </span>
      )}
    </li>
  );
}
