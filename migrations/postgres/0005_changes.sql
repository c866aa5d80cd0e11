-- Without the index over random hashes, which was half of what a commit wrote. Nothing asks for a change by its hash, and a
-- change cannot come twice: its replica's number is unique.
alter table review_change drop constraint review_change_hash;
