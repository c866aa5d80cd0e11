-- Projects and what they want judged.

create table project (
    id              blob    not null primary key,
    organization_id blob    not null references organization (id),
    name            text    not null,
    description     text,
    settings        text,
    created_by      blob,
    created_at      integer not null,
    deleted_at      integer
) without rowid;
create unique index project_name on project (organization_id, name) where deleted_at is null;

-- `categories` and `config` are kept as the API wrote them, keys that we do not read included.
create table project_score (
    id          blob    not null primary key,
    project_id  blob    not null references project (id),
    created_by  blob    not null,
    name        text    not null,
    description text,
    score_type  text    not null,
    categories  text,
    config      text,
    position    text    not null,
    created_at  integer not null,
    constraint project_score_name unique (project_id, name)
) without rowid;

-- Publishable keys: they write feedback for the listed scores of one project and read nothing.
create table feedback_key (
    id              blob    not null primary key,
    organization_id blob    not null references organization (id),
    project_id      blob    not null references project (id),
    scores          text    not null,
    origins         text    not null,
    digest          blob    not null,
    prefix          text    not null,
    created_by      blob    not null,
    created_at      integer not null,
    constraint feedback_key_digest unique (digest)
) without rowid;
create index feedback_key_organization on feedback_key (organization_id);
