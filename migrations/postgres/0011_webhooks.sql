-- Addresses that are told what happens in a project, and what they are told: queued in the transaction of what happened.

-- `secret` signs what is sent, so it is kept as it is. `events` is a JSON array of words.
create table webhook (
    id              uuid    not null primary key,
    organization_id uuid    not null references organization (id),
    project_id      uuid    not null references project (id),
    name            text    not null,
    url             text    not null,
    events          text    not null,
    secret          text    not null,
    active          boolean not null,
    created_by      uuid    not null,
    created_at      bigint  not null
);
create index webhook_of_project on webhook (project_id);

-- `state`: waiting, delivered, failed. While it waits, `next_at` says when it is tried again; `answer` is the HTTP status of the last
-- try, absent when there was none.
create table webhook_delivery (
    id          uuid    not null primary key,
    webhook_id  uuid    not null references webhook (id),
    event       text    not null,
    data        text    not null,
    state       text    not null,
    attempts    bigint  not null,
    created_at  bigint  not null,
    next_at     bigint  not null,
    answer      bigint,
    detail      text,
    finished_at bigint
);
create index webhook_delivery_due on webhook_delivery (next_at) where state = 'waiting';
create index webhook_delivery_waiting on webhook_delivery (webhook_id) where state = 'waiting';
create index webhook_delivery_of_webhook on webhook_delivery (webhook_id, id);
create index webhook_delivery_finished on webhook_delivery (finished_at) where finished_at is not null;
