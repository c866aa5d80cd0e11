/** Markdown of a line or two as plain words, for lists that have no room for formatting. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1/g, "$2")
    .replace(/(^|\s)[*_](?=\S)([^*_]+?)(?<=\S)[*_](?=\W|$)/g, "$1$2")
    .replace(/^\s*(?:#{1,6}|>|[-*+])\s+/gm, "")
    .replace(/\s+/g, " ")
    .trim();
}
