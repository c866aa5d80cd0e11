-- What projects offer beside scores, saved views, and files beside rows.

create table project_tag (
    id          blob    not null primary key,
    project_id  blob    not null references project (id),
    created_by  blob    not null,
    name        text    not null,
    description text,
    color       text,
    position    text    not null,
    created_at  integer not null,
    constraint project_tag_name unique (project_id, name)
) without rowid;

-- `view_type` is empty for views without one, so that they too have one name each. `view_data` and `options` are kept as the API
-- wrote them.
create table view (
    id              blob    not null primary key,
    organization_id blob    not null references organization (id),
    object_type     text    not null,
    object_id       blob    not null,
    view_type       text    not null,
    name            text    not null,
    description     text,
    view_data       text,
    options         text,
    created_by      blob,
    created_at      integer not null,
    updated_at      integer not null,
    constraint view_name unique (organization_id, object_type, object_id, view_type, name)
) without rowid;

-- The bytes are in the object store, under the organization and the key, which its client chose.
create table attachment (
    organization_id blob    not null references organization (id),
    key             text    not null,
    filename        text    not null,
    content_type    text    not null,
    status          text    not null constraint attachment_status check (status in ('uploading', 'done', 'error')),
    error           text,
    size            integer,
    created_by      blob,
    created_at      integer not null,
    primary key (organization_id, key)
) without rowid;

-- Keys that every server on this database signs with.
create table signing_key (
    name  text not null primary key,
    value blob not null
) without rowid;
