/** A server with people, a project, scores and rows: what nearly every test needs first. */
import { randomUUID } from "node:crypto";
import { OWNER, Server } from "./server.mjs";
import { SyncClient } from "./sync-client.mjs";

export class World {
  /**
   * `people` maps a name to a role; each gets an own key. The owner is always there as `owner`. One project with a
   * slider `Quality`, options `Verdict` and a free-form `Remarks`, and `rows` rows of one span each.
   */
  static async make(context, { people = { eva: "reviewer", noor: "reviewer" }, rows = 1, server: options } = {}) {
    const server = await Server.start(options);
    const world = new World(server);
    // Registered first, run last: clients close before the server and its folder go.
    context.after(() => world.close());
    const session = await server.api("GET", "/api/member");
    const owner = session.members.find((member) => member.email === OWNER.email);
    world.people.owner = { ...owner, key: OWNER.key };
    for (const [name, role] of Object.entries(people)) world.people[name] = await world.hire(name, role);
    world.project = await server.api("POST", "/v1/project", { name: "Support Bot" });
    const score = (fields) => server.api("POST", "/v1/project_score", { project_id: world.project.id, ...fields });
    await score({ name: "Quality", score_type: "slider" });
    await score({
      name: "Verdict",
      score_type: "categorical",
      categories: [
        { name: "Fail", value: 0 },
        { name: "Pass", value: 1 },
      ],
    });
    await score({ name: "Remarks", score_type: "free-form" });
    world.rows = Array.from({ length: rows }, () => randomUUID());
    await world.log(world.rows.map((id) => ({ id, input: "Where is my parcel?", output: "On its way." })));
    return world;
  }

  constructor(server) {
    this.server = server;
    this.people = {};
    this.clients = [];
  }

  /** Makes a member and a key of theirs. */
  async hire(name, role) {
    const { server } = this;
    const member = await server.api("POST", "/api/member", {
      email: `${name}@acme.example`,
      name,
      role,
      password: `${name} has a pass phrase`,
    });
    const { key } = await server.api("POST", "/api/key", { name: `${name}'s key`, member_id: member.id });
    return { ...member, key };
  }

  log(events) {
    return this.server.api("POST", `/v1/project_logs/${this.project.id}/insert`, { events });
  }

  /** Opens the review of a row as a person would: makes their maps, returns `{document_id, url, reviewer}`. */
  open(person, row = this.rows[0]) {
    return this.server.api(
      "POST",
      "/api/review/open",
      { object_type: "project_logs", object_id: this.project.id, row_id: row },
      this.people[person].key,
    );
  }

  /** A connected stock client of a person. */
  async connect(person, options) {
    const client = await SyncClient.connect(this.server, this.people[person], options);
    this.clients.push(client);
    return client;
  }

  /** Opens the review of a row, connects, and returns the client with its ready handle. */
  async review(person, { row = this.rows[0], ...options } = {}) {
    const opened = await this.open(person, row);
    const client = await this.connect(person, options);
    const handle = await client.find(opened.url);
    return { client, handle, me: opened.reviewer, ...opened };
  }

  /** The review as the API tells it. */
  stored(documentId, person = "owner") {
    return this.server.api("GET", `/api/review/${documentId}`, undefined, this.people[person].key);
  }

  /** All history entries of a review, oldest first. */
  async history(documentId) {
    const entries = [];
    let cursor;
    do {
      const query = cursor ? `?limit=100&cursor=${encodeURIComponent(cursor)}` : "?limit=100";
      const page = await this.server.api("GET", `/api/review/${documentId}/history${query}`);
      entries.push(...page.entries);
      cursor = page.entries.length > 0 && page.cursor !== cursor ? page.cursor : undefined;
    } while (cursor);
    return entries;
  }

  async close() {
    await Promise.all(this.clients.map((client) => client.close()));
    await this.server.close();
  }
}
