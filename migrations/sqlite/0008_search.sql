-- What is true of a row or not: its tags, where its review stands, who is asked, whether there are comments. `text` is a letter
-- and what it is about; `*` is true of every row that is not deleted.
create table label (
    id          integer not null primary key,
    object_type integer not null,
    object_id   blob    not null,
    text        text    not null,
    constraint label_text unique (object_type, object_id, text)
);

-- By place, so that rows of a label come in the order of their arrival.
create table row_label (
    label integer not null,
    row   integer not null,
    primary key (label, row)
) without rowid;

create index row_created on row (object_type, object_id, created_at);
create index row_error on row (object_type, object_id, created_at) where is_root = 1 and deleted = 0 and has_error = 1;

create temp table labelled (object_type integer, object_id blob, text text, row integer);
insert into labelled select object_type, object_id, '*', pk from row where deleted = 0;
insert into labelled select object_type, object_id, 'e', pk from row where deleted = 0 and has_error = 1;
insert into labelled select r.object_type, r.object_id, 't:' || t.value, r.pk from row r, json_each(coalesce(r.overlay, r.line), '$.tags') t
    where r.deleted = 0 and length(cast(t.value as blob)) <= 512;
insert into labelled select object_type, object_id, 's:' || status, pk from row where deleted = 0 and status <> 'none';
insert into labelled select r.object_type, r.object_id, 'a:' || a.value, r.pk from row r, json_each(r.overlay, '$.assignees') a
    where r.deleted = 0;
insert into labelled select object_type, object_id, 'c', pk from row where deleted = 0 and json_extract(overlay, '$.comments') > 0;
insert into labelled select object_type, object_id, 'r', pk from row
    where deleted = 0 and json_array_length(overlay, '$.reviewers') > 0;
insert into labelled select r.object_type, r.object_id, 'x', r.pk from row r
    join review v on v.object_type = r.object_type and v.object_id = r.object_id and v.row_id = r.id
    where r.deleted = 0 and json_extract(v.state, '$.expected.set');
insert into labelled select r.object_type, r.object_id, 'f', r.pk from row r
    join review v on v.object_type = r.object_type and v.object_id = r.object_id and v.row_id = r.id
    where r.deleted = 0 and json_extract(v.state, '$.fields') <> '{}';

insert into label (object_type, object_id, text) select distinct object_type, object_id, text from labelled order by 1, 2, 3;
insert into row_label (label, row) select distinct l.id, s.row from labelled s
    join label l on l.object_type = s.object_type and l.object_id = s.object_id and l.text = s.text order by 1, 2;
drop table labelled;
