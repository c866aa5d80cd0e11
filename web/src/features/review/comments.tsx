import { useSearch } from "@tanstack/react-router";
import { Check, CornerDownRight, LinkIcon, Pencil, RotateCcw, Trash2 } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useSession } from "@/api/use-session.ts";
import { readAnchor } from "@/lib/anchor.ts";
import { fullTime, when } from "@/lib/format.ts";
import { shown, written } from "@/lib/mentions.ts";
import { deleteComment, editComment, resolveComment } from "@/sync/edit.ts";
import { useReviewPart } from "@/sync/use-review.ts";
import type { Comment, ReviewView } from "@/sync/view.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { cx } from "@/ui/cx.ts";
import { RichText } from "@/ui/rich-text.tsx";
import { toast } from "@/ui/toasts.tsx";
import { Composer, Editor } from "./comment-fields.tsx";
import { showInEditor } from "./comment-marks.ts";
import { Field } from "./field.tsx";
import { colours, useScope } from "./scope.tsx";
import { flashWords, useTextMarks } from "./text-marks.ts";

const commentsOf = (view: ReviewView) => view.comments;

/** Words that are quoted by a comment on a selection. */
function quoteOf(comment: Comment): string | null {
  const anchor = comment.anchor;
  if (typeof anchor !== "object" || anchor === null || Array.isArray(anchor)) return null;
  return typeof anchor.quote === "string" ? anchor.quote : null;
}

/** Leads from a quote to the words, and says where they went when they are not on the page. */
function showWords(comment: Comment): void {
  const anchor = readAnchor(comment.anchor);
  if (!anchor) return;
  const shown = anchor.field === "expected" ? showInEditor(comment.id) : flashWords(anchor);
  if (!shown) {
    const where =
      anchor.field === "expected"
        ? "The words are gone from what is expected"
        : "The words are not on screen";
    toast({
      title: where,
      body: anchor.field === "expected" ? anchor.quote : "They may be folded, or under another tab",
      seconds: 4,
    });
  }
}

/** What people say to each other about this span. */
export function Comments() {
  const { session, mayEdit } = useScope();
  const comments = useReviewPart(session, commentsOf);
  const ids = new Set(comments.map((comment) => comment.id));
  const threads = comments.filter((comment) => comment.parent === null || !ids.has(comment.parent));
  const open = threads.filter((comment) => !comment.resolved).length;
  const [answering, setAnswering] = useState<Comment | null>(null);
  const [picked, setPicked] = useState<string | null>(null);
  const { me } = useScope();
  useTextMarks(comments, me, setPicked);

  return (
    <section aria-label="Discussion" className="border-t border-line pt-[11px]">
      <div className="flex items-center gap-2 px-4 pb-2.5">
        <h3 className="flex-1 font-medium">Discussion</h3>
        {open > 0 && <span className="text-small text-ink-3">{open} open</span>}
      </div>
      <Field pointer="/comments" watch={["/comments/"]}>
        <ol>
          {threads.map((comment) => (
            <li key={comment.id}>
              <CommentView
                comment={comment}
                picked={picked === comment.id}
                onAnswer={mayEdit ? () => setAnswering(comment) : null}
              />
              <ol>
                {comments
                  .filter((reply) => reply.parent === comment.id)
                  .map((reply) => (
                    <li key={reply.id} className="pl-[31px]">
                      <CommentView comment={reply} picked={false} onAnswer={null} />
                    </li>
                  ))}
              </ol>
            </li>
          ))}
        </ol>
      </Field>
      {mayEdit && <Composer answering={answering} onAnswered={() => setAnswering(null)} />}
      {!mayEdit && threads.length === 0 && (
        <p className="px-4 pb-3 text-small text-ink-3">No comments yet.</p>
      )}
    </section>
  );
}

interface ViewProps {
  comment: Comment;
  /** Its words were pressed in the text. */
  picked: boolean;
  onAnswer: (() => void) | null;
}

function CommentView({ comment, picked, onAnswer }: ViewProps) {
  const { me, mayEdit, person, edit } = useScope();
  const { role } = useSession();
  const [editing, setEditing] = useState(false);
  const author = person(comment.author);
  const mine = comment.author === me;
  const moderates = role === "owner" || role === "lead";
  const quote = quoteOf(comment);
  const at = new Date(comment.at);
  const linked = useSearch({ strict: false }).c === comment.id;
  const wanted = linked || picked;
  const article = useRef<HTMLElement>(null);
  useEffect(() => {
    if (wanted) article.current?.scrollIntoView({ block: "center" });
  }, [wanted]);
  const copyLink = async () => {
    const link = new URL(location.href);
    link.searchParams.set("c", comment.id);
    try {
      await navigator.clipboard.writeText(link.href);
      toast({ title: "Link copied", seconds: 2 });
    } catch {
      toast({ title: "Copying is not allowed here", body: link.href, seconds: 0 });
    }
  };
  const remove = () => {
    const text = written(comment.text);
    if (edit((draft) => deleteComment(draft, comment.id))) {
      toast({
        title: "Comment deleted",
        action: { label: "Copy text", run: () => void navigator.clipboard?.writeText(text) },
      });
    }
  };
  return (
    <article
      ref={article}
      aria-label={`${author.name}`}
      aria-current={wanted ? "true" : undefined}
      className={cx(
        "group/comment grid grid-cols-[22px_1fr] gap-[9px] px-4 pb-3",
        wanted && "bg-accent-soft pt-2 shadow-[inset_2px_0_0_var(--accent)]",
      )}
    >
      <Avatar id={comment.author} name={author.name} viewer={me} labelled={false} />
      <div className="min-w-0">
        <header className="flex min-h-5 items-center gap-1.5">
          <span className="truncate font-medium">{author.name}</span>
          <time dateTime={at.toISOString()} title={fullTime(at)} className="flex-none text-small text-ink-3">
            {when(at, new Date())}
          </time>
          {comment.editedAt !== null && (
            <span className="flex-none text-small text-ink-3" title={fullTime(new Date(comment.editedAt))}>
              edited
            </span>
          )}
          <span className="flex-1" />
          {!editing && (
            <span className="flex flex-none opacity-0 group-focus-within/comment:opacity-100 group-hover/comment:opacity-100 coarse:opacity-100">
              <Tool
                label="Copy link to this comment"
                onPress={() => void copyLink()}
                icon={<LinkIcon className="icon size-3!" aria-hidden="true" />}
              />
            </span>
          )}
          {mayEdit && !editing && (
            <span className="flex flex-none opacity-0 group-focus-within/comment:opacity-100 group-hover/comment:opacity-100 coarse:opacity-100">
              {onAnswer && (
                <Tool
                  label="Answer"
                  onPress={onAnswer}
                  icon={<CornerDownRight className="icon size-3!" aria-hidden="true" />}
                />
              )}
              {(mine || moderates) && comment.parent === null && (
                <Tool
                  label={comment.resolved ? "Open again" : "Resolve"}
                  onPress={() => edit((draft) => resolveComment(draft, comment.id, !comment.resolved))}
                  icon={
                    comment.resolved ? (
                      <RotateCcw className="icon size-3!" aria-hidden="true" />
                    ) : (
                      <Check className="icon size-3!" aria-hidden="true" />
                    )
                  }
                />
              )}
              {mine && (
                <Tool
                  label="Edit comment"
                  onPress={() => setEditing(true)}
                  icon={<Pencil className="icon size-3!" aria-hidden="true" />}
                />
              )}
              {(mine || moderates) && (
                <Tool
                  label="Delete comment"
                  onPress={remove}
                  icon={<Trash2 className="icon size-3!" aria-hidden="true" />}
                />
              )}
            </span>
          )}
          {comment.resolved && <span className="flex-none text-small font-medium text-pass">Resolved</span>}
        </header>
        {quote && (
          <blockquote
            className="mt-0.5 mb-[3px] border-l-2 text-small leading-[17px] text-ink-3"
            style={{ borderColor: colours(comment.author, me).ink }}
          >
            {readAnchor(comment.anchor) ? (
              <button
                type="button"
                title="Show these words"
                onClick={() => showWords(comment)}
                className="line-clamp-2 w-full rounded-cap pl-2 text-left hover:bg-hover hover:text-ink coarse:min-h-11"
              >
                {quote}
              </button>
            ) : (
              <span className="line-clamp-2 pl-2">{quote}</span>
            )}
          </blockquote>
        )}
        {editing ? (
          <Editor
            label="Edit comment"
            initial={comment.text}
            onSend={(text) => {
              if (edit((draft) => editComment(draft, comment.id, text, new Date()))) setEditing(false);
            }}
            onCancel={() => setEditing(false)}
          />
        ) : (
          <div
            className={cx("mt-px leading-[19px] [overflow-wrap:anywhere]", comment.resolved && "text-ink-3")}
          >
            <RichText text={shown(comment.text)} />
          </div>
        )}
      </div>
    </article>
  );
}

function Tool({ label, icon, onPress }: { label: string; icon: ReactNode; onPress: () => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onPress}
      className="grid size-6 place-items-center rounded-chip text-ink-3 hover:bg-hover hover:text-ink coarse:size-10"
    >
      {icon}
    </button>
  );
}
