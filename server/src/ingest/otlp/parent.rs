//! Where spans go: `x-bt-parent` of the request, or `braintrust.parent` of a span.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use concord_shared::ids::{ObjectRef, ObjectType, ProjectId};
use serde::Deserialize;
use uuid::Uuid;

/// Where spans go when nobody says so; the name is that of Braintrust's exporters.
pub const DEFAULT: &str = "project_name:default-otel-project";

/// Longest parent that is looked at. An exported span carries what its process passes on.
const LONGEST: usize = 16 * 1024;

/// The forms of a parent, for messages.
const FORMS: &str = "project_name:<name>, project_id:<id>, experiment_id:<id>, or a span as span.export() writes it";

/// A parent as it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The container.
    pub container: Container,
    /// The span above, when the parent is one.
    pub span: Option<SpanRef>,
}

/// A container, by name or id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Container {
    /// The logs of the project of this name, which is made if there is none.
    ProjectNamed(String),
    /// An object that exists.
    Object(ObjectRef),
}

/// A span in Braintrust's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanRef {
    /// The span above.
    pub span_id: String,
    /// The trace.
    pub root_span_id: String,
}

impl Parent {
    /// Reads a parent; the error says which forms there are.
    pub fn read(text: &str) -> Result<Self, String> {
        let wrong = || {
            let shown: String = text.chars().take(64).collect();
            format!("parent {shown:?} is none of {FORMS}")
        };
        if text.len() > LONGEST {
            return Err(wrong());
        }
        let whole = |container| Self { container, span: None };
        let object = |object_type, id: &str| {
            let object_id = Uuid::try_parse(id).map_err(|_| wrong())?;
            Ok(whole(Container::Object(ObjectRef { object_type, object_id })))
        };
        match text.trim().split_once(':') {
            Some(("project_name", name)) if !name.is_empty() => Ok(whole(Container::ProjectNamed(name.to_owned()))),
            Some(("project_id", id)) => object(ObjectType::ProjectLogs, id),
            Some(("experiment_id", id)) => object(ObjectType::Experiment, id),
            Some(("dataset_id", id)) => object(ObjectType::Dataset, id),
            _ => exported(text.trim()).ok_or_else(wrong),
        }
    }

    /// The project that it means by its id, if so.
    pub fn project_id(&self) -> Option<ProjectId> {
        match self.container {
            Container::Object(ObjectRef { object_type: ObjectType::ProjectLogs, object_id }) => {
                Some(ProjectId(object_id))
            }
            _ => None,
        }
    }
}

/// What does not fit the compact part of an exported span.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Remainder {
    object_id: Option<String>,
    span_id: Option<String>,
    root_span_id: Option<String>,
    compute_object_metadata_args: Option<ByName>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ByName {
    project_name: Option<String>,
    project_id: Option<String>,
}

/// Reads what `span.export()` writes: base64 of version, object type, a count of ids in bytes, and the rest as JSON (compat 5.3).
fn exported(text: &str) -> Option<Parent> {
    let bytes = STANDARD.decode(text).ok()?;
    let [version @ (3 | 4), kind, count, rest @ ..] = bytes.as_slice() else { return None };
    let object_type = match kind {
        1 => ObjectType::Experiment,
        2 => ObjectType::ProjectLogs,
        _ => return None,
    };
    let mut rest = rest;
    let mut compact: [Option<String>; 5] = Default::default();
    for _ in 0..*count {
        let (field, after) = rest.split_first()?;
        let length = if *version == 4 && *field == 3 { 8 } else { 16 };
        let (id, after) = after.split_at_checked(length)?;
        let text = match *version {
            3 => Uuid::from_slice(id).ok()?.to_string(),
            _ => hex(id),
        };
        *compact.get_mut(usize::from(*field))? = Some(text);
        rest = after;
    }
    let remainder: Remainder =
        if rest.is_empty() { Remainder::default() } else { serde_json::from_slice(rest).ok()? };
    let [_, object_id, _, span_id, root_span_id] = compact;
    let by_name = remainder.compute_object_metadata_args.unwrap_or_default();
    let by_id = by_name.project_id.filter(|_| object_type == ObjectType::ProjectLogs);
    let container = match object_id.or(remainder.object_id).or(by_id) {
        Some(id) => Container::Object(ObjectRef { object_type, object_id: Uuid::try_parse(&id).ok()? }),
        None if object_type == ObjectType::ProjectLogs => Container::ProjectNamed(by_name.project_name?),
        None => return None,
    };
    let span = span_id.or(remainder.span_id).zip(root_span_id.or(remainder.root_span_id));
    Some(Parent { container, span: span.map(|(span_id, root_span_id)| SpanRef { span_id, root_span_id }) })
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_read_in_every_form() {
        let id = "0192f0c4-5a5e-7c3a-8f00-000000000001";
        let object = |object_type| Container::Object(ObjectRef { object_type, object_id: id.parse().expect("an id") });
        let read = |text: &str| Parent::read(text).expect("a parent").container;
        assert_eq!(read("project_name:Shoe Shop: EU"), Container::ProjectNamed("Shoe Shop: EU".into()));
        assert_eq!(read(&format!("project_id:{id}")), object(ObjectType::ProjectLogs));
        assert_eq!(read(&format!("experiment_id:{id}")), object(ObjectType::Experiment));
        for wrong in ["", "project_id:7", "project_name:", "nonsense", "BAI=", &"A".repeat(50_000)] {
            let error = Parent::read(wrong).expect_err(wrong);
            assert!(error.contains("project_name:<name>"), "{error}");
        }
    }

    #[test]
    fn exported_spans_of_both_generations_are_parents() {
        // As the Python SDK writes them, ids shortened to zeros and ones.
        let newer = [
            &[4, 2, 2, 3][..],
            &[0xff; 8],
            &[4],
            &[0x11; 16],
            br#"{"object_id":"0192f0c4-5a5e-7c3a-8f00-000000000001","row_id":"r"}"#,
        ]
        .concat();
        let parent = Parent::read(&STANDARD.encode(newer)).expect("a parent");
        let span = parent.span.clone().expect("a span");
        assert_eq!((span.span_id.as_str(), span.root_span_id.as_str()), ("ffffffffffffffff", &*"11".repeat(16)));
        assert!(parent.project_id().is_some());

        let older = [
            &[3, 2, 2, 3][..],
            &[1; 16],
            &[4],
            &[2; 16],
            br#"{"row_id":"r","compute_object_metadata_args":{"project_name":"Bot","project_id":null}}"#,
        ]
        .concat();
        let parent = Parent::read(&STANDARD.encode(older)).expect("a parent");
        assert_eq!(parent.container, Container::ProjectNamed("Bot".into()));
        assert_eq!(parent.span.expect("a span").span_id, "01010101-0101-0101-0101-010101010101");
    }
}
