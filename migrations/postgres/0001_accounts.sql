-- Who may come in. Secrets are stored as SHA-256 of 256 random bits, passwords as argon2id.

-- Texts that are compared or ordered are of collation "C" here and below: byte by byte, as SQLite compares, whatever the
-- language of the database.
create table organization (
    id         uuid   not null primary key,
    name       text   collate "C" not null,
    created_at bigint not null,
    constraint organization_name unique (name)
);

-- Members are never deleted: their id is the author of judgements. A removed one is disabled.
create table member (
    id              uuid   not null primary key,
    organization_id uuid   not null references organization (id),
    email           text   collate "C" not null,
    name            text   not null,
    role            text   collate "C" not null constraint member_role check (role in ('owner', 'lead', 'reviewer', 'viewer')),
    password_hash   text,
    created_at      bigint not null,
    disabled_at     bigint
);
create unique index member_email on member (email) where disabled_at is null;
create index member_organization on member (organization_id);

-- Links: set-up (of the first organization, without a member), invitation, sign-in.
create table token (
    digest     bytea  not null primary key,
    kind       text   collate "C" not null constraint token_kind check (kind in ('set-up', 'invitation', 'sign-in')),
    member_id  uuid   references member (id),
    expires_at bigint not null
);

create table session (
    digest     bytea  not null primary key,
    id         uuid   not null,
    member_id  uuid   not null references member (id),
    created_at bigint not null,
    seen_at    bigint not null,
    expires_at bigint not null,
    constraint session_id unique (id)
);
create index session_member on session (member_id, created_at);

create table api_key (
    id              uuid   not null primary key,
    organization_id uuid   not null references organization (id),
    member_id       uuid   not null references member (id),
    name            text   not null,
    scope           text   collate "C" constraint api_key_scope check (scope in ('ingest')),
    digest          bytea  not null,
    prefix          text   not null,
    created_at      bigint not null,
    last_used_at    bigint,
    constraint api_key_digest unique (digest)
);
create index api_key_organization on api_key (organization_id);
