-- Experiments and datasets, and what datasets looked like before.

-- The logs of a project need no row here: they are there as long as the project is.
create table object (
    id          blob    not null primary key,
    object_type integer not null,
    project_id  blob    not null references project (id),
    name        text    not null,
    description text,
    metadata    text,
    -- JSON: tags, and what only experiments have.
    details     text    not null,
    created_by  blob,
    created_at  integer not null,
    deleted_at  integer
) without rowid;
create unique index object_name on object (project_id, object_type, name) where deleted_at is null;

-- Every state that a dataset's row was in, written or reviewed, under the transaction that made it so.
create table row_version (
    object_id    blob    not null,
    id           text    not null,
    xact         integer not null,
    created_at   integer not null,
    span_id      text    not null,
    root_span_id text    not null,
    span_parents text,
    deleted      integer not null,
    logged       text    not null,
    primary key (object_id, id, xact)
) without rowid;
create index row_version_recent on row_version (object_id, xact, id);
