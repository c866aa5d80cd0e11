-- Who may come in. Secrets are stored as SHA-256 of 256 random bits, passwords as argon2id.

create table organization (
    id         blob    not null primary key,
    name       text    not null,
    created_at integer not null,
    constraint organization_name unique (name)
) without rowid;

-- Members are never deleted: their id is the author of judgements. A removed one is disabled.
create table member (
    id              blob    not null primary key,
    organization_id blob    not null references organization (id),
    email           text    not null,
    name            text    not null,
    role            text    not null constraint member_role check (role in ('owner', 'lead', 'reviewer', 'viewer')),
    password_hash   text,
    created_at      integer not null,
    disabled_at     integer
) without rowid;
create unique index member_email on member (email) where disabled_at is null;
create index member_organization on member (organization_id);

-- Links: set-up (of the first organization, without a member), invitation, sign-in.
create table token (
    digest     blob    not null primary key,
    kind       text    not null constraint token_kind check (kind in ('set-up', 'invitation', 'sign-in')),
    member_id  blob    references member (id),
    expires_at integer not null
) without rowid;

create table session (
    digest     blob    not null primary key,
    id         blob    not null,
    member_id  blob    not null references member (id),
    created_at integer not null,
    seen_at    integer not null,
    expires_at integer not null,
    constraint session_id unique (id)
) without rowid;
create index session_member on session (member_id, created_at);

create table api_key (
    id              blob    not null primary key,
    organization_id blob    not null references organization (id),
    member_id       blob    not null references member (id),
    name            text    not null,
    scope           text    constraint api_key_scope check (scope in ('ingest')),
    digest          blob    not null,
    prefix          text    not null,
    created_at      integer not null,
    last_used_at    integer,
    constraint api_key_digest unique (digest)
) without rowid;
create index api_key_organization on api_key (organization_id);
