/** What a role may do in the interface. The server decides; this only keeps controls honest about it. */
import type { Role } from "@/api/types.ts";

export type Right = "review" | "configure" | "manage-members" | "make-keys" | "create-projects";

/** In step with the server's access table. */
const rights: Record<Role, readonly Right[]> = {
  owner: ["review", "configure", "manage-members", "make-keys", "create-projects"],
  lead: ["review", "configure", "make-keys", "create-projects"],
  reviewer: ["review", "make-keys", "create-projects"],
  viewer: ["make-keys"],
};

export function may(role: Role, right: Right): boolean {
  return rights[role].includes(right);
}

export const roleName: Record<Role, string> = {
  owner: "Owner",
  lead: "Lead",
  reviewer: "Reviewer",
  viewer: "Viewer",
};

const needs: Record<Right, string> = {
  review: "Viewers read. A lead or an owner can make you a reviewer.",
  configure: "Only leads and owners change this. Ask one of them.",
  "manage-members": "Only owners change members. Ask one of them.",
  "make-keys": "This role makes no keys. Ask an owner.",
  "create-projects": "Viewers read. A reviewer, a lead or an owner creates projects.",
};

/** Why a control is disabled and who can help; for its description. */
export function whyNot(right: Right): string {
  return needs[right];
}
