-- Experiments and datasets, and what datasets looked like before.

-- The logs of a project need no row here: they are there as long as the project is.
create table object (
    id          uuid     not null primary key,
    object_type smallint not null,
    project_id  uuid     not null references project (id),
    name        text     collate "C" not null,
    description text,
    metadata    text,
    -- JSON: tags, and what only experiments have.
    details     text     not null,
    created_by  uuid,
    created_at  bigint   not null,
    deleted_at  bigint
);
create unique index object_name on object (project_id, object_type, name) where deleted_at is null;

-- Every state that a dataset's row was in, written or reviewed, under the transaction that made it so.
create table row_version (
    object_id    uuid    not null,
    id           text    collate "C" not null,
    xact         bigint  not null,
    created_at   bigint  not null,
    span_id      text    collate "C" not null,
    root_span_id text    collate "C" not null,
    span_parents text,
    deleted      boolean not null,
    logged       text    not null,
    primary key (object_id, id, xact)
);
create index row_version_recent on row_version (object_id, xact, id);
