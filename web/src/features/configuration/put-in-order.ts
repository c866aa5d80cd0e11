import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { patch } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { announce } from "@/lib/announce.ts";
import { moved } from "@/lib/rank.ts";
import { toast } from "@/ui/toasts.tsx";

/** What a list keeps in an order of its own. */
interface Placed {
  id: string;
  name: string;
  position: string | null;
}

/** Moves an item of a list: on screen at once, then on the server, which the list is read from again. */
export async function putInOrder<T extends Placed>(
  queries: QueryClient,
  queryKey: QueryKey,
  path: string,
  items: readonly T[],
  from: number,
  to: number,
): Promise<void> {
  const changes = moved(items, from, to);
  const places = new Map(changes.map((change) => [change.id, change.position]));
  const place = (item: T) => places.get(item.id) ?? item.position ?? "\uffff";
  queries.setQueryData<T[]>(queryKey, (before) =>
    before
      ?.map((item) => ({ ...item, position: places.get(item.id) ?? item.position }))
      .sort((a, b) => (place(a) < place(b) ? -1 : 1)),
  );
  announce(`${items[from]?.name} is ${to + 1} of ${items.length}`);
  try {
    for (const { id, position } of changes) await patch(`${path}/${id}`, { position });
  } catch (error) {
    toast({ title: "The order could not be kept", body: problemText(error), tone: "fail" });
  }
  await queries.invalidateQueries({ queryKey });
}
