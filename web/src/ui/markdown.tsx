/** Markdown written by models: no HTML, no scripts, no pictures from elsewhere that could call out. */
import type { ComponentProps } from "react";
import ReactMarkdown from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import remarkGfm from "remark-gfm";

function SafeLink({ href, children }: ComponentProps<"a">) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-accent-ink underline decoration-accent-line underline-offset-2"
    >
      {children}
    </a>
  );
}

function NoImage({ alt, src }: ComponentProps<"img">) {
  return (
    <span className="text-ink-3">
      [picture{alt ? `: ${alt}` : ""}
      {typeof src === "string" ? `, ${src.slice(0, 80)}` : ""}]
    </span>
  );
}

const components = { a: SafeLink, img: NoImage };

const style = [
  "[&_p]:whitespace-pre-line [&>*+*]:mt-2.5 [&_h1]:text-title [&_h1]:font-semibold [&_h2]:text-title [&_h2]:font-semibold [&_h3]:font-semibold [&_h4]:font-semibold",
  "[&_ul]:list-disc [&_ul]:pl-5 [&_ol]:list-decimal [&_ol]:pl-5 [&_li+li]:mt-0.5 [&_li>ul]:mt-0.5",
  "[&_code]:mono [&_code]:rounded-cap [&_code]:bg-sunken [&_code]:px-1 [&_code]:text-code",
  "[&_pre]:overflow-x-auto [&_pre]:rounded-btn [&_pre]:bg-sunken [&_pre]:px-3 [&_pre]:py-2 [&_pre_code]:bg-transparent [&_pre_code]:p-0",
  "[&_blockquote]:border-l-2 [&_blockquote]:border-line-2 [&_blockquote]:pl-3 [&_blockquote]:text-ink-2",
  "[&_table]:block [&_table]:overflow-x-auto [&_th]:border-b [&_th]:border-line-2 [&_th]:px-2 [&_th]:py-1 [&_th]:text-left [&_th]:font-semibold",
  "[&_td]:border-b [&_td]:border-line [&_td]:px-2 [&_td]:py-1 [&_hr]:border-line",
].join(" ");

export function Markdown({ text }: { text: string }) {
  return (
    <div className={style}>
      <ReactMarkdown remarkPlugins={[remarkGfm]} rehypePlugins={[rehypeSanitize]} components={components}>
        {text}
      </ReactMarkdown>
    </div>
  );
}
