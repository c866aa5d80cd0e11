//! The tables `label`, `row_label` and `row_text`: what is true of rows, and the terms by which they are found.

use std::collections::BTreeSet;

use concord_shared::ids::ObjectRef;
use concord_shared::review::state::ReviewState;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use super::reviews::object_type_number;
use super::row_columns::{json, optional_json};
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

/// The statement that writes terms, ending with what becomes of those that are there.
macro_rules! write_texts {
    ($conflict:literal) => {
        concat!(
            "insert into row_text (row, terms, comments) \
             select n.row, array_to_tsvector(string_to_array(n.terms, ' ')), array_to_tsvector(string_to_array(n.comments, ' ')) \
             from unnest($1::bigint[], $2::text[], $3::text[]) as n (row, terms, comments) on conflict (row) do ",
            $conflict
        )
    };
}

/// Writes the terms of rows.
pub(super) async fn store_texts(conn: &mut PgConnection, texts: &[Texts]) -> Result<(), StoreError> {
    execute(conn, write_texts!("update set terms = excluded.terms, comments = excluded.comments"), texts).await
}

async fn execute(conn: &mut PgConnection, sql: &'static str, texts: &[Texts]) -> Result<(), StoreError> {
    if texts.is_empty() {
        return Ok(());
    }
    sqlx::query(sql)
        .bind(texts.iter().map(|(pk, ..)| *pk).collect::<Vec<_>>())
        .bind(texts.iter().map(|(_, terms, _)| terms.as_str().trim_end()).collect::<Vec<_>>())
        .bind(texts.iter().map(|(.., comments)| comments.as_str().trim_end()).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}

/// Rows whose terms are made at once.
const STEP: i64 = 1000;

/// Makes the terms of rows that have none: those of before there were any, and all of them after a rebuild. Rows are found by their
/// terms as far as this has come, so nobody is served before it ends.
pub(super) async fn make_missing(conn: &mut PgConnection) -> Result<(), StoreError> {
    let mut after = 0_i64;
    loop {
        let rows = sqlx::query(
            "select r.pk, r.logged, v.state from row r left join row_text t on t.row = r.pk \
             left join review v on v.object_type = r.object_type and v.object_id = r.object_id and v.row_id = r.id \
             where r.pk > $1 and t.row is null order by r.pk limit $2",
        )
        .bind(after)
        .bind(STEP)
        .fetch_all(&mut *conn)
        .await?;
        let mut texts: Vec<Texts> = Vec::with_capacity(rows.len());
        for row in &rows {
            after = row.try_get("pk")?;
            let state: Option<ReviewState> = optional_json(row, "state")?;
            let comments = state.as_ref().map(Terms::of_comments).unwrap_or_default();
            texts.push((after, Terms::of_logged(&json(row, "logged")?), comments));
        }
        // What a server wrote meanwhile is newer.
        execute(conn, write_texts!("nothing"), &texts).await?;
        if rows.len() < STEP as usize {
            return Ok(());
        }
    }
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

#[cfg(test)]
mod tests {
    use super::super::PostgresStore;
    use super::super::scratch::Scratch;

    #[tokio::test]
    async fn r3_terms_that_are_missing_are_made_when_a_server_starts() {
        // Absent where no server was named; it has said so.
        let Some(scratch) = Scratch::new().await else { return };
        let store = PostgresStore::open(&scratch.url()).await.expect("a store");
        for number in 0..1200 {
            let insert = sqlx::query(
                "insert into row (object_type, object_id, id, span_id, root_span_id, is_root, created_at, xact, has_error, status, \
                 deleted, line, logged) \
                 values (0, gen_random_uuid(), 'a', 'a', 'a', true, 0, 1, false, 'none', false, '{}', $1)",
            );
            let logged = format!("{{\"input\": \"word{number} refund\"}}");
            insert.bind(logged).execute(&store.writer).await.expect("a row of before");
        }
        crate::domain::store::Store::close(&store).await;
        let store = PostgresStore::open(&scratch.url()).await.expect("a store");
        for (term, rows) in [("irefund", 1200_i64), ("iword1199", 1), ("orefund", 0)] {
            let found = sqlx::query_scalar("select count(*) from row_text where terms @@ $1::tsquery").bind(term);
            let found: i64 = found.fetch_one(&store.readers).await.expect("a count");
            assert_eq!(found, rows, "{term}");
        }
        crate::domain::store::Store::close(&store).await;
    }
}
