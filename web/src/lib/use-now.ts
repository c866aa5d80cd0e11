import { useEffect, useState } from "react";

/** The present time, renewed every so many milliseconds: relative times stay true without anybody asking. */
export function useNow(every: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
