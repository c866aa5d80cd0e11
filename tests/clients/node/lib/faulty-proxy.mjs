/**
 * A proxy in front of a server that fails as networks and servers do. `fault(request)` decides for each request, before it is
 * passed on: nothing, a status to answer instead, "cut" (the server gets it, the client hears nothing), "drop" (the server never
 * gets it) or "twice" (the server gets it twice).
 */
import { createServer } from "node:http";

export async function faultyProxy(context, target, fault) {
  const passed = [];
  const proxy = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const told = { method: request.method, path: request.url, body: body.toString() };
    const what = fault(told);
    if (what === "drop") return request.socket.destroy();
    if (typeof what === "number") {
      response.writeHead(what, { "content-type": "application/json", "retry-after": "0" });
      return response.end(JSON.stringify({ detail: `a fault: ${what}` }));
    }
    const send = () => {
      passed.push(told);
      const { host, connection, "content-length": length, ...headers } = request.headers;
      return fetch(target + request.url, { method: request.method, headers, body: body.length ? body : undefined });
    };
    if (what === "twice") await (await send()).arrayBuffer();
    const answer = await send();
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (what === "cut") return request.socket.destroy();
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    response.end(bytes);
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${proxy.address().port}`, passed };
}
