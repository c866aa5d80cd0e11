//! Black-box tests of the running server, one module per topic.

mod access;
mod accounts;
mod attachments;
mod btql;
mod configuration;
mod datasets;
mod english;
mod feedback;
mod find;
mod frame;
mod gauges;
mod language;
mod logs;
mod memory;
mod nodes;
mod notifications;
mod objects;
mod otlp;
mod projects;
mod queue;
mod schema;
mod scores;
mod sync;
mod upkeep;
mod webhooks;
