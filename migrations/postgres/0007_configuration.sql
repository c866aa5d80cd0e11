-- What projects offer beside scores, saved views, and files beside rows.

create table project_tag (
    id          uuid   not null primary key,
    project_id  uuid   not null references project (id),
    created_by  uuid   not null,
    name        text   collate "C" not null,
    description text,
    color       text,
    position    text   collate "C" not null,
    created_at  bigint not null,
    constraint project_tag_name unique (project_id, name)
);

-- `view_type` is empty for views without one, so that they too have one name each. `view_data` and `options` are kept as the API
-- wrote them.
create table view (
    id              uuid   not null primary key,
    organization_id uuid   not null references organization (id),
    object_type     text   collate "C" not null,
    object_id       uuid   not null,
    view_type       text   collate "C" not null,
    name            text   collate "C" not null,
    description     text,
    view_data       text,
    options         text,
    created_by      uuid,
    created_at      bigint not null,
    updated_at      bigint not null,
    constraint view_name unique (organization_id, object_type, object_id, view_type, name)
);

-- The bytes are in the object store, under the organization and the key, which its client chose.
create table attachment (
    organization_id uuid   not null references organization (id),
    key             text   collate "C" not null,
    filename        text   not null,
    content_type    text   not null,
    status          text   not null constraint attachment_status check (status in ('uploading', 'done', 'error')),
    error           text,
    size            bigint,
    created_by      uuid,
    created_at      bigint not null,
    primary key (organization_id, key)
);

-- Keys that every server on this database signs with.
create table signing_key (
    name  text  not null primary key,
    value bytea not null
);
