-- Work that waits for a member is counted: rows assigned to them whose review is not complete.
update row set counted = substr(counted, 1, length(counted) - 1)
    || (select group_concat(',[{"waiting":"' || a.value || '"},1]', '') from json_each(row.overlay, '$.assignees') a) || ']'
where deleted = 0 and status <> 'complete' and json_array_length(overlay, '$.assignees') > 0;
insert into metric_counter (object_type, object_id, key, value)
    select r.object_type, r.object_id, '{"waiting":"' || a.value || '"}', count(*) from row r, json_each(r.overlay, '$.assignees') a
    where r.deleted = 0 and r.status <> 'complete' group by 1, 2, 3;

-- What members are told of: that they are asked to review, were named in a comment, answered, or that their comment was resolved.
-- Made by the change that says so.
create table notification (
    id          integer not null primary key,
    member_id   blob    not null,
    project_id  blob    not null,
    object_type integer not null,
    object_id   blob    not null,
    document_id blob    not null,
    row_id      text    not null,
    kind        text    not null constraint notification_kind check (kind in ('assigned', 'mentioned', 'replied', 'resolved')),
    -- Empty for assignments.
    comment_id  text    not null,
    -- Beginning of the comment.
    excerpt     text    not null,
    -- Who did it.
    made_by     blob    not null,
    -- Rows of an assignment; `row_id` is the last of them.
    rows        integer not null,
    at          integer not null,
    read_at     integer
);
create unique index notification_comment on notification (member_id, document_id, comment_id, kind) where comment_id <> '';
create index notification_member on notification (member_id, id);
create index notification_unread on notification (member_id, id) where read_at is null;
