import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { onSignedOut } from "@/api/client.ts";
import { sessionQuery } from "@/api/queries.ts";
import { latePart } from "../late-part.ts";

const part = latePart(() => import("./session-dialog.tsx").then((module) => module.SessionDialog));

/** Notices that the session ended and asks to sign in again, over the page. */
export function SessionEnded() {
  const Dialog = part.use();
  const [ended, setEnded] = useState(false);
  useEffect(() => onSignedOut(() => setEnded(true)), []);
  const known = useQuery(sessionQuery);
  useEffect(() => {
    if (known.data === null) setEnded(true);
  }, [known.data]);
  useEffect(() => {
    if (ended) void part.fetch();
  }, [ended]);
  return Dialog && <Dialog open={ended} onClose={() => setEnded(false)} />;
}
