//! Files of records into datasets: first a look at what is in one, then the import, with a report of what was rejected.

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use bytes::Bytes;
use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use concord_shared::row::{Write, parse_object};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::Caller;
use super::body::{Params, read};
use super::dataset_add::named;
use super::error::ApiError;
use super::object::{Container, visible};
use crate::app::App;
use crate::domain::access::Principal;
use crate::ingest::carry;
use crate::ingest::plan::ObjectWrites;
use crate::ingest::table::{Cells, Columns, Format, Record, Table, check, lay_out, suggest};

/// Largest file: some hundred thousand questions. Larger ones go in parts.
const FILE_BYTES: usize = 32 << 20;

/// Files that are held at a time; the next ones come again in a moment.
static IMPORTS: Semaphore = Semaphore::const_new(2);

/// Records of one transaction, and bytes of the file that they may take.
const BATCH: (usize, usize) = (1000, 4 << 20);

/// Records of a preview.
const PREVIEWED: usize = 20;

/// Rejected records that are named.
const NAMED: usize = 10_000;

/// Longest name of an import, in bytes.
const NAME_BYTES: usize = 128;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(preview)).routes(routes!(import))
}

/// What is in a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportPreview)]
struct Preview {
    columns: Vec<String>,
    /// What each column probably is; empty for what would be left out.
    map: Columns,
    /// The first records.
    records: Vec<Previewed>,
}

/// A record of a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewedRecord)]
struct Previewed {
    line: u64,
    /// By column; null for one that cannot be read.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>, required)]
    cells: Option<Map<String, Value>>,
    /// Why it cannot be read.
    #[schema(required)]
    why: Option<String>,
}

/// What became of a file.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Imported)]
struct Imported {
    /// Records that were stored.
    stored: usize,
    /// Records that were not, the first ten thousand of them.
    rejected: Vec<Rejected>,
    /// All of them.
    rejected_count: usize,
    /// Where the records begin in the file, in bytes.
    head: usize,
}

/// A record that was not stored.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectedRecord)]
struct Rejected {
    /// The line that it begins on, from 1.
    line: u64,
    /// Where it begins in the file, in bytes.
    from: usize,
    /// Where it ends.
    to: usize,
    why: String,
}

/// How the request says that the file is to be read.
struct Asked {
    format: Format,
    cells: Cells,
}

impl Asked {
    fn of(params: &Params) -> Result<Self, ApiError> {
        let malformed = |detail: &str| Err(ApiError::new(ProblemCode::Malformed, detail));
        let format = match params.text("format") {
            Some("csv") => Format::Csv,
            Some("jsonl") => Format::Jsonl,
            _ => return malformed("format: is csv or jsonl"),
        };
        let cells = match params.text("cells") {
            None | Some("json") => Cells::Json,
            Some("text") => Cells::Text,
            Some(_) => return malformed("cells: is json, where cells that are JSON are read so, or text"),
        };
        Ok(Self { format, cells })
    }

    fn open<'a>(&self, file: &'a [u8]) -> Result<Table<'a>, ApiError> {
        Table::open(file, self.format, self.cells).map_err(|detail| ApiError::invalid(format!("the file: {detail}")))
    }
}

/// The bytes of a file, as long as few others are held.
async fn file_of(request: Request) -> Result<(Bytes, SemaphorePermit<'static>), ApiError> {
    let busy = || ApiError::TooMany {
        wait: std::time::Duration::from_secs(2),
        detail: "other files are being imported; come again in a moment".into(),
    };
    let permit = IMPORTS.try_acquire().map_err(|_| busy())?;
    let body: Body = request.into_body();
    Ok((read(body, FILE_BYTES).await?, permit))
}

/// The columns of a file, what they probably are, and its first records. Nothing is stored. The beginning of a file is enough.
#[utoipa::path(post, path = "/api/dataset/{id}/import/preview", tag = "objects", params(("id" = Uuid, Path), ("format" = String, Query, description = "`csv` or `jsonl`"), ("cells" = Option<String>, Query, description = "`json` or `text`")), request_body(content = String, content_type = "text/plain"), responses((status = 200, body = Preview)))]
async fn preview(
    State(app): State<App>,
    Caller(principal): Caller,
    Container(dataset): Container,
    params: Params,
    request: Request,
) -> Result<Json<Preview>, ApiError> {
    principal.permit(Action::WriteRows)?;
    visible(&app, &principal, dataset).await?;
    let asked = Asked::of(&params)?;
    let (file, _permit) = file_of(request).await?;
    let table = asked.open(&file)?;
    let columns = table.columns.clone();
    let records = table.take(PREVIEWED).map(|Record { line, cells, .. }| match cells {
        Ok(cells) => Previewed { line, cells: Some(cells.into_iter().collect()), why: None },
        Err(why) => Previewed { line, cells: None, why: Some(why) },
    });
    Ok(Json(Preview { map: suggest(&columns), records: records.collect(), columns }))
}

/// Stores the records of a file; those that cannot be are reported with their lines and reasons. Records without an id of their own
/// are given one that follows from `import` and the line, so that a repeat of the request doubles nothing.
#[utoipa::path(post, path = "/api/dataset/{id}/import", tag = "objects", params(("id" = Uuid, Path), ("format" = String, Query, description = "`csv` or `jsonl`"), ("cells" = Option<String>, Query, description = "`json` or `text`"), ("map" = Option<String>, Query, description = "JSON: what each column becomes, such as {\"question\": \"input\", \"lang\": \"metadata.lang\", \"note\": \"\"}"), ("import" = Option<String>, Query, description = "Client-made name of this import")), request_body(content = String, content_type = "text/plain"), responses((status = 200, body = Imported)))]
async fn import(
    State(app): State<App>,
    Caller(principal): Caller,
    Container(dataset): Container,
    params: Params,
    request: Request,
) -> Result<Json<Imported>, ApiError> {
    principal.permit(Action::WriteRows)?;
    let project = visible(&app, &principal, dataset).await?;
    let asked = Asked::of(&params)?;
    let said: Option<Columns> = match params.text("map") {
        Some(text) => Some(serde_json::from_str(text).map_err(|error| ApiError::invalid(format!("map: {error}")))?),
        None => None,
    };
    let name = params.text("import").map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
    if name.len() > NAME_BYTES {
        return Err(ApiError::invalid(format!("import: at most {NAME_BYTES} bytes")));
    }
    let (file, _permit) = file_of(request).await?;
    let table = asked.open(&file)?;
    let map = said.unwrap_or_else(|| suggest(&table.columns));
    check(&map).map_err(|detail| ApiError::invalid(format!("map: {detail}")))?;
    let mut import = Import {
        app: &app,
        principal: &principal,
        project,
        dataset,
        answer: Imported { head: table.head, ..Imported::default() },
    };
    let (mut batch, mut size) = (Vec::new(), 0);
    for record in table {
        let Record { line, bytes, cells } = record;
        let place = Place { line, from: bytes.0, to: bytes.1 };
        let row = cells.and_then(|cells| lay_out(cells, &map));
        match row.and_then(|row| written(row, || named(&["import", &name, &line.to_string()]))) {
            Ok(write) => {
                size += place.to - place.from;
                batch.push((place, write));
            }
            Err(why) => import.reject(place, why),
        }
        if batch.len() >= BATCH.0 || size >= BATCH.1 {
            import.store(std::mem::take(&mut batch)).await?;
            size = 0;
        }
    }
    import.store(batch).await?;
    import.answer.rejected.sort_by_key(|rejected| rejected.line);
    Ok(Json(import.answer))
}

/// A row of the file as a write; a part of the wrong shape rejects it, since whoever imports a file can mend it.
fn written(row: Map<String, Value>, fresh_id: impl Fn() -> String) -> Result<Write, String> {
    let parsed = parse_object(row, &mut || fresh_id()).map_err(|refusal| refusal.to_string())?;
    match parsed.left_out.first() {
        Some(left) => Err(left.to_string()),
        None => Ok(parsed.write),
    }
}

#[derive(Debug, Clone, Copy)]
struct Place {
    line: u64,
    from: usize,
    to: usize,
}

struct Import<'a> {
    app: &'a App,
    principal: &'a Principal,
    project: ProjectId,
    dataset: ObjectRef,
    answer: Imported,
}

impl Import<'_> {
    fn reject(&mut self, Place { line, from, to }: Place, why: String) {
        self.answer.rejected_count += 1;
        if self.answer.rejected.len() < NAMED {
            self.answer.rejected.push(Rejected { line, from, to, why });
        }
    }

    async fn store(&mut self, batch: Vec<(Place, Write)>) -> Result<(), ApiError> {
        let places: Vec<Place> = batch.iter().map(|(place, _)| *place).collect();
        let writes = batch.into_iter().enumerate().map(|(index, (_, write))| (index, write)).collect();
        let writes = ObjectWrites { project: self.project, object: self.dataset, writes };
        let refused = carry::write_rows(self.app, self.principal, writes).await?;
        self.answer.stored += places.len().saturating_sub(refused.len());
        for error in refused {
            if let Some(place) = places.get(error.index) {
                self.reject(*place, error.detail);
            }
        }
        Ok(())
    }
}
