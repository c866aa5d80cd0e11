/** Which of the people colours someone has: the viewer always p4, others by a stable hash of their id. */

export type PersonColour = "p1" | "p2" | "p3" | "p4";

export function personColour(id: string, viewer: string | null): PersonColour {
  if (id === viewer) return "p4";
  // FNV-1a: short, stable between visits and machines.
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (["p1", "p2", "p3"] as const)[(hash >>> 0) % 3] ?? "p1";
}
