//! The tables `label`, `row_label` and `row_text`: what is true of rows, and the terms by which they are found.

use std::collections::BTreeSet;

use concord_shared::ids::ObjectRef;
use sqlx::postgres::PgConnection;

use super::reviews::object_type_number;
use crate::domain::search::terms::Terms;
use crate::domain::store::StoreError;

/// The labels of one row.
pub(super) type Labelled<'a> = (i64, ObjectRef, &'a BTreeSet<String>);

/// Writes the labels of rows, in place of the old ones where rows are `rewritten`.
pub(super) async fn replace<'a>(
    conn: &mut PgConnection,
    rewritten: Vec<i64>,
    rows: impl Iterator<Item = Labelled<'a>>,
) -> Result<(), StoreError> {
    if !rewritten.is_empty() {
        sqlx::query("delete from row_label where row = any($1)").bind(rewritten).execute(&mut *conn).await?;
    }
    let labels: Vec<(i64, ObjectRef, &String)> =
        rows.flat_map(|(pk, object, labels)| labels.iter().map(move |label| (pk, object, label))).collect();
    if labels.is_empty() {
        return Ok(());
    }
    let kinds: BTreeSet<(ObjectRef, &String)> = labels.iter().map(|(_, object, text)| (*object, *text)).collect();
    // The project is locked, so nobody makes the same label meanwhile.
    sqlx::query(
        "insert into label (object_type, object_id, text) \
         select n.object_type, n.object_id, n.text from unnest($1::smallint[], $2::uuid[], $3::text[]) as n (object_type, object_id, text) \
         where not exists (select 1 from label l where l.object_type = n.object_type and l.object_id = n.object_id and l.text = n.text)",
    )
    .bind(kinds.iter().map(|(object, _)| object_type_number(object.object_type)).collect::<Vec<_>>())
    .bind(kinds.iter().map(|(object, _)| object.object_id).collect::<Vec<_>>())
    .bind(kinds.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>())
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "insert into row_label (label, row) select l.id, n.row \
         from unnest($1::bigint[], $2::smallint[], $3::uuid[], $4::text[]) as n (row, object_type, object_id, text) \
         join label l on l.object_type = n.object_type and l.object_id = n.object_id and l.text = n.text",
    )
    .bind(labels.iter().map(|(pk, ..)| *pk).collect::<Vec<_>>())
    .bind(labels.iter().map(|(_, object, _)| object_type_number(object.object_type)).collect::<Vec<_>>())
    .bind(labels.iter().map(|(_, object, _)| object.object_id).collect::<Vec<_>>())
    .bind(labels.iter().map(|(.., text)| text.as_str()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// Terms of one row: of what was logged, and of its comments.
pub(super) type Texts = (i64, Terms, Terms);

/// Writes the terms of rows.
pub(super) async fn store_texts(conn: &mut PgConnection, texts: &[Texts]) -> Result<(), StoreError> {
    if texts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into row_text (row, terms, comments) \
         select n.row, array_to_tsvector(string_to_array(n.terms, ' ')), array_to_tsvector(string_to_array(n.comments, ' ')) \
         from unnest($1::bigint[], $2::text[], $3::text[]) as n (row, terms, comments) \
         on conflict (row) do update set terms = excluded.terms, comments = excluded.comments",
    )
    .bind(texts.iter().map(|(pk, ..)| *pk).collect::<Vec<_>>())
    .bind(texts.iter().map(|(_, terms, _)| terms.as_str().trim_end()).collect::<Vec<_>>())
    .bind(texts.iter().map(|(.., comments)| comments.as_str().trim_end()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes the terms of the comments of rows.
pub(super) async fn store_comments(conn: &mut PgConnection, comments: &[(i64, Terms)]) -> Result<(), StoreError> {
    if comments.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update row_text t set comments = array_to_tsvector(string_to_array(n.comments, ' ')) \
         from unnest($1::bigint[], $2::text[]) as n (row, comments) where t.row = n.row",
    )
    .bind(comments.iter().map(|(pk, _)| *pk).collect::<Vec<_>>())
    .bind(comments.iter().map(|(_, comments)| comments.as_str().trim_end()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
