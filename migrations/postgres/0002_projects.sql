-- Projects and what they want judged.

-- JSON is text here and below, not jsonb: what was sent is given back as it was, the audit chain covers the very bytes, and
-- jsonb takes no U+0000, which payloads may hold.
create table project (
    id              uuid   not null primary key,
    organization_id uuid   not null references organization (id),
    name            text   collate "C" not null,
    description     text,
    settings        text,
    created_by      uuid,
    created_at      bigint not null,
    deleted_at      bigint
);
create unique index project_name on project (organization_id, name) where deleted_at is null;

-- `categories` and `config` are kept as the API wrote them, keys that we do not read included.
create table project_score (
    id          uuid   not null primary key,
    project_id  uuid   not null references project (id),
    created_by  uuid   not null,
    name        text   collate "C" not null,
    description text,
    score_type  text   collate "C" not null,
    categories  text,
    config      text,
    position    text   collate "C" not null,
    created_at  bigint not null,
    constraint project_score_name unique (project_id, name)
);

-- Publishable keys: they write feedback for the listed scores of one project and read nothing.
create table feedback_key (
    id              uuid   not null primary key,
    organization_id uuid   not null references organization (id),
    project_id      uuid   not null references project (id),
    scores          text   not null,
    origins         text   not null,
    digest          bytea  not null,
    prefix          text   not null,
    created_by      uuid   not null,
    created_at      bigint not null,
    constraint feedback_key_digest unique (digest)
);
create index feedback_key_organization on feedback_key (organization_id);
