/** A server of somebody else's on a port of its own: a page of another origin, a receiver of webhooks. */
import { createServer } from "node:http";

export class Elsewhere {
  /** Answers every GET with `html` as it is then, and remembers every POST. */
  static async start() {
    const elsewhere = new Elsewhere();
    elsewhere.server = createServer((request, response) => {
      if (request.method === "GET") {
        response.setHeader("content-type", "text/html; charset=utf-8");
        return response.end(elsewhere.html);
      }
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        elsewhere.told.push({ headers: request.headers, body: JSON.parse(Buffer.concat(parts).toString()) });
        response.writeHead(204).end();
      });
    });
    await new Promise((resolve) => elsewhere.server.listen(0, "127.0.0.1", resolve));
    elsewhere.url = `http://127.0.0.1:${elsewhere.server.address().port}`;
    return elsewhere;
  }

  html = "";
  told = [];

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
