-- Reviews: one automerge document each, its accepted changes, and what is derived from it.

create table review (
    document_id       blob    not null primary key,
    organization_id   blob    not null,
    project_id        blob    not null,
    object_type       integer not null,
    object_id         blob    not null,
    row_id            text    not null,
    revision          integer not null default 0,
    heads             blob    not null default x'',
    status            text    not null default 'none',
    state             text    not null default '{}',
    snapshot          blob,
    snapshot_revision integer not null default 0,
    created_at        integer not null,
    updated_at        integer not null,
    constraint review_row unique (object_type, object_id, row_id)
) without rowid;

create table review_change (
    document_id  blob    not null references review (document_id),
    revision     integer not null,
    hash         blob    not null,
    replica      blob    not null,
    seq          integer not null,
    author_id    blob,
    on_behalf_of text,
    source       text    not null,
    connection   integer,
    client_time  integer not null,
    received_at  integer not null,
    bytes        blob    not null,
    feedback_id  text,
    primary key (document_id, revision),
    constraint review_change_hash unique (document_id, hash),
    constraint review_change_seq unique (document_id, replica, seq)
) without rowid;

create unique index review_change_feedback on review_change (document_id, feedback_id) where feedback_id is not null;

-- Whose a replica id is (rule R7). No author: the server's own.
create table review_actor (
    replica     blob    not null primary key,
    author_id   blob,
    document_id blob    not null,
    first_seen  integer not null
) without rowid;

create table review_refusal (
    id          integer primary key,
    document_id blob    not null,
    author_id   blob,
    connection  integer,
    hash        blob    not null,
    code        text    not null,
    reason      text    not null,
    bytes       blob    not null,
    at          integer not null
);
create index review_refusal_document on review_refusal (document_id, id);

-- One row per visible fact; `hash` chains each entry of a project to the one before.
create table audit_entry (
    id           integer primary key,
    project_id   blob    not null,
    sequence     integer not null,
    document_id  blob    not null,
    object_type  integer not null,
    object_id    blob    not null,
    row_id       text    not null,
    revision     integer not null,
    at           integer not null,
    author_id    blob,
    on_behalf_of text,
    source       text    not null,
    path         text    not null,
    "from"       text    not null,
    "to"         text    not null,
    change_hash  blob    not null,
    metadata     text,
    hash         blob    not null,
    constraint audit_entry_sequence unique (project_id, sequence)
);
create index audit_entry_document on audit_entry (document_id, id);

-- How far writing has come: batches committed, and the last transaction id given out.
create table progress (
    id       integer not null primary key,
    sequence integer not null,
    xact     integer not null,
    constraint progress_single check (id = 1)
);
insert into progress (id, sequence, xact) values (1, 0, 0);
