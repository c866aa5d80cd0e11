-- The same table without an index over random hashes, which was half of what a commit wrote. Nothing asks for a change by
-- its hash, and a change cannot come twice: its replica's number is unique.

create table review_change_by_revision (
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
    constraint review_change_seq unique (document_id, replica, seq)
) without rowid;

insert into review_change_by_revision (document_id, revision, hash, replica, seq, author_id, on_behalf_of, source, connection,
    client_time, received_at, bytes, feedback_id)
select document_id, revision, hash, replica, seq, author_id, on_behalf_of, source, connection, client_time, received_at, bytes,
    feedback_id
from review_change;

drop table review_change;
alter table review_change_by_revision rename to review_change;

create unique index review_change_feedback on review_change (document_id, feedback_id) where feedback_id is not null;
